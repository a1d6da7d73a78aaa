/** Applies the text spacing of WCAG 1.4.12 and finds lost content. */
import type { BrowserContext, Page } from '@playwright/test';

/**
 * Apply to all pages of the context from the first frame, regardless of their content security
 * policy.
 */
export async function spaceTexts(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
      p { margin-block-end: 2em !important; }
    `);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  });
}

/** Find horizontal scrolling, clipped texts, and overlapping texts on a page. */
export function lossesOn(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const SLACK_PX = 2;
    // intentionally shortened: long questions open with a tap or are in the form beside; the oldest
    // of many names fade out; the player's bar shortens their own name, which the lobby and the
    // leaderboard show in full
    const SHORTENED = ':has(> .more) > h1, .more, .names, .pick, .bar > .who';
    const faults: string[] = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) faults.push(`the page is ${scrollWidth} px wide: ${widest()}`);

    interface Piece {
      text: string;
      boxes: DOMRect[];
      layer: Element | null;
    }
    const pieces: Piece[] = [];
    const dialogs = document.querySelectorAll('dialog[open]');
    const root = [...dialogs].at(-1) ?? document.body;
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const piece = look(texts.currentNode as Text);
      if (piece) pieces.push(piece);
    }
    for (const [at, one] of pieces.entries())
      for (const other of pieces.slice(at + 1))
        if (one.layer === other.layer && one.boxes.some((box) => other.boxes.some(over(box))))
          faults.push(`“${one.text}” lies over “${other.text}”`);
    return faults;

    function look(node: Text): Piece | null {
      const text = node.data.trim().slice(0, 40);
      const parent = node.parentElement;
      if (!text || !parent?.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
        return null;
      if (parent.closest('.visually-hidden, option, math, [aria-live]')) return null;
      const range = document.createRange();
      range.selectNodeContents(node);
      let boxes = [...range.getClientRects()].filter(({ width }) => width > SLACK_PX);
      let layer: Element | null = null;
      for (let up: Element | null = parent; up && up !== document.body; up = up.parentElement) {
        const { overflowX, overflowY, position } = getComputedStyle(up);
        const hole = up.getBoundingClientRect();
        // visually hidden, for screen readers only
        if (hole.width <= SLACK_PX && overflowX !== 'visible') return null;
        if (/hidden|clip/.test(overflowX + overflowY) && !up.closest(SHORTENED)) {
          const cut = boxes.some(
            (box) =>
              (overflowX !== 'visible' &&
                (box.right > hole.right + SLACK_PX || box.left < hole.left - SLACK_PX)) ||
              (overflowY !== 'visible' && middle(box) > hole.bottom),
          );
          if (cut) faults.push(`“${text}” is cut off by ${up.tagName}.${up.className}`);
        }
        if (overflowX !== 'visible')
          boxes = boxes.map(within(hole)).filter(({ width }) => width > 0);
        // scrolled out of its region, but not lost
        if (overflowX !== 'visible' || overflowY !== 'visible')
          boxes = boxes.filter((box) => middle(box) > hole.top && middle(box) < hole.bottom);
        if (/auto|scroll/.test(overflowX + overflowY)) {
          boxes = boxes.filter((box) => box.right <= hole.right + SLACK_PX);
          layer ??= up;
        }
        if (/fixed|sticky/.test(position) || up.role === 'toolbar') layer ??= up;
      }
      return boxes.length ? { text, boxes, layer } : null;
    }

    function widest(): string {
      const right = (element: Element): number => element.getBoundingClientRect().right;
      const wide = [...document.querySelectorAll('main *, header *')].filter(
        (element) =>
          right(element) > clientWidth && !element.closest('[role=region], .visually-hidden'),
      );
      return wide
        .slice(-3)
        .map((element) => `${element.tagName}.${element.className}`)
        .join(', ');
    }

    function within({ left, right }: DOMRect) {
      return (box: DOMRect): DOMRect => {
        const from = Math.max(box.left, left);
        return new DOMRect(from, box.top, Math.min(box.right, right) - from, box.height);
      };
    }

    function middle({ top, bottom }: DOMRect): number {
      return (top + bottom) / 2;
    }

    /** Lines may touch, but their middles may not. */
    function over(one: DOMRect) {
      return (other: DOMRect): boolean => {
        const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
        return across > SLACK_PX && down > 0.4 * Math.min(one.height, other.height);
      };
    }
  });
}
