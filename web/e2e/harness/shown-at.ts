/** Records when headings appear: the epoch ms of the first frame that shows them. */
import type { Page } from '@playwright/test';

declare global {
  interface Window {
    shownAt: Record<string, number>;
  }
}

/** Call before opening the page. */
export async function noteHeadings(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.shownAt = {};
    const look = (): void => {
      for (const heading of document.querySelectorAll('h1')) {
        const text = heading.textContent.trim();
        if (text in window.shownAt || !heading.checkVisibility({ visibilityProperty: true }))
          continue;
        window.shownAt[text] = performance.timeOrigin + performance.now();
      }
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

export async function shownAt(page: Page, heading: string): Promise<number> {
  const handle = await page.waitForFunction((text) => window.shownAt[text] ?? null, heading);
  return (await handle.jsonValue()) ?? NaN;
}
