/** Runs axe on a sequence of screens in light and dark, and reports all violations together. */
import { expect, type Page } from '@playwright/test';
import axe, { type RunOptions } from 'axe-core';

declare global {
  interface Window {
    axe: typeof axe;
  }
}

/** Long enough for a scan. */
export const COUNTDOWN_S = 60;

const LOADED_MS = 10_000;

/** In dark mode only colours differ. */
const RULES = {
  // target-size (WCAG 2.2) is off by default
  light: { rules: { 'target-size': { enabled: true } } },
  dark: { runOnly: ['color-contrast'] },
} satisfies Record<string, RunOptions>;

export class Audit {
  readonly #found: string[] = [];

  async of(screen: string, ...pages: Page[]): Promise<void> {
    for (const page of pages) {
      // A screen is there once it has a heading. Those without one are scanned, too, and break a rule.
      const heading = page.locator('h1').first();
      await heading.waitFor({ state: 'attached', timeout: LOADED_MS }).catch(() => undefined);
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        const where = `${screen} (${page.viewportSize()?.width} px, ${colorScheme})`;
        const applied = await this.#look(where, page, RULES[colorScheme]);
        // a page that was not reached has no violations
        if (colorScheme === 'light')
          expect(applied, `rules that apply to ${where}`).toBeGreaterThan(5);
      }
    }
  }

  async #look(screen: string, page: Page, rules: RunOptions): Promise<number> {
    if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
    const { violations, applied } = await page.evaluate(scan, rules);
    for (const { rule, elements } of violations)
      this.#found.push(`${screen}: ${rule}: ${elements.join(' | ')}`);
    return applied;
  }

  isClean(): void {
    expect(this.#found).toEqual([]);
  }
}

interface Scan {
  violations: { rule: string; elements: string[] }[];
  /** The number of rules that the page follows. */
  applied: number;
}

/** Runs in the page. */
async function scan(rules: RunOptions): Promise<Scan> {
  const { violations, passes } = await window.axe.run(document, {
    ...rules,
    // a framed player page is scanned as a page of its own
    iframes: false,
    // describing each element that passes would take most of the time
    resultTypes: ['violations'],
    selectors: false,
  });
  return {
    violations: violations.map(({ id, nodes }) => ({
      rule: id,
      elements: nodes.map(({ html }) => html),
    })),
    applied: passes.length,
  };
}
