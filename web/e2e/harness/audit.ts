/** Runs axe on a sequence of screens in light and dark, and reports all violations together. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Long enough for a scan. */
export const COUNTDOWN_S = 60;

type AxeOptions = Parameters<AxeBuilder['options']>[0];

/** In dark mode only colours differ. */
const RULES = {
  // target-size (WCAG 2.2) is off by default; a framed player page is scanned as a page of its own
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
        // a page that was not reached has no violations
        if (colorScheme === 'light')
          expect(applied, `rules that apply to ${where}`).toBeGreaterThan(5);
      }
  }

  async #look(screen: string, page: Page, options: AxeOptions): Promise<number> {
    const axe = new AxeBuilder({ page }).options(options);
    // without the second page that axe opens for cross-origin frames
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
