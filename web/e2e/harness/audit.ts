/** axe on one screen after the other, in light and in dark; its findings are told together. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const SCHEMES = ['light', 'dark'] as const;

export class Audit {
  readonly #found: string[] = [];

  async of(screen: string, ...pages: Page[]): Promise<void> {
    for (const page of pages)
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        await this.#look(`${screen} (${page.viewportSize()?.width} px, ${colorScheme})`, page);
      }
  }

  async #look(screen: string, page: Page): Promise<void> {
    const axe = new AxeBuilder({ page }).options({
      // a rule of WCAG 2.2 that axe leaves off unless asked
      rules: { 'target-size': { enabled: true } },
    });
    // without its second page, which is for frames of other sites
    axe.setLegacyMode();
    const { violations, passes } = await axe.analyze();
    expect(passes.length, `rules that apply to ${screen}`).toBeGreaterThan(5);
    for (const { id, nodes } of violations)
      this.#found.push(`${screen}: ${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  }

  isClean(): void {
    expect(this.#found).toEqual([]);
  }
}
