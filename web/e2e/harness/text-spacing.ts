/** Text as far apart as WCAG 1.4.12 asks pages to bear, and what is cut off by it. */
import type { Page } from '@playwright/test';

/** By a style sheet of its own, which the content security policy does not stop. */
export async function spaceText(page: Page): Promise<void> {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
      p { margin-block-end: 2em !important; }
    `);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  });
}

/** What is wrong with the page as it stands: it scrolls sideways, or cuts texts off. */
export function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) faults.push(`the page is ${scrollWidth} px wide`);
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { currentNode: text } = texts;
      const range = document.createRange();
      range.selectNodeContents(text);
      const box = range.getBoundingClientRect();
      if (!text.textContent?.trim() || box.width < 2) continue;
      for (let parent = text.parentElement; parent; parent = parent.parentElement) {
        if (parent.matches('.visually-hidden, option')) break;
        const { overflowX, overflowY, position } = getComputedStyle(parent);
        const hole = parent.getBoundingClientRect();
        const cutX = ['hidden', 'clip'].includes(overflowX) && box.right > hole.right + 2;
        const cutY = ['hidden', 'clip'].includes(overflowY) && box.bottom > hole.bottom + 2;
        if (cutX || cutY)
          faults.push(`“${text.textContent.trim()}” is cut off by ${parent.className}`);
        if (position === 'fixed' || /auto|scroll/.test(overflowX + overflowY)) break;
      }
    }
    return faults;
  });
}
