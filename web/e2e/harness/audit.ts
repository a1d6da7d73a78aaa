/** axe on one screen after the other, in light and in dark; its findings are told together. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Long enough to be looked at. */
export const COUNTDOWN_S = 60;

type AxeOptions = Parameters<AxeBuilder['options']>[0];

/** Dark has other colours, and differs in nothing else. */
const RULES = {
  // the last is a rule of WCAG 2.2 that axe leaves off unless asked; a player's page in a frame is a
  // page of its own, which is looked at by itself
  light: { rules: { 'target-size': { enabled: true } }, iframes: false },
  dark: { runOnly: ['color-contrast'], iframes: false },
};

export class Audit {
  readonly #found: string[] = [];

  async of(screen: string, ...pages: Page[]): Promise<void> {
    for (const page of pages)
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        const where = `${screen} (${page.viewportSize()?.width} px, ${colorScheme})`;
        const applied = await this.#look(where, page, RULES[colorScheme]);
        // a page that is not there has no faults
        if (colorScheme === 'light')
          expect(applied, `rules that apply to ${where}`).toBeGreaterThan(5);
      }
  }

  async #look(screen: string, page: Page, options: AxeOptions): Promise<number> {
    const axe = new AxeBuilder({ page }).options(options);
    // without its second page, which is for frames of other sites
    axe.setLegacyMode();
    const { violations, passes } = await axe.analyze();
    for (const { id, nodes } of violations)
      this.#found.push(`${screen}: ${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
    return passes.length;
  }

  isClean(): void {
    expect(this.#found).toEqual([]);
  }
}
