/** Measures layout faults of the question screen. */
import type { Asked } from './questions.ts';

export interface Seen {
  fit: string;
  columns: number;
  /** Type size in px of the options, or of the question if it has none. */
  type_px: number;
  faults: string[];
}

const TARGET_PX = 48;
const LEAST_TYPE_PX = 13;
const PICTURE_SHARE = 0.22;
const ROUNDING_PX = 1;

export function faultsOf(asked: Asked): Seen {
  const faults: string[] = [];
  const check = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault);
  };
  const root = one('.question');
  const fit = root.dataset.fit ?? '';
  const columns = Number(root.dataset.columns ?? 1);
  const page = document.documentElement;
  check(page.scrollHeight <= innerHeight, `the page is ${page.scrollHeight} px high`);
  check(page.scrollWidth <= innerWidth, `the page is ${page.scrollWidth} px wide`);
  if (fit !== 'loose') check(isSeen(root), 'the screen is cut off');
  for (const part of ['.bar', '.timer', '.answers .button.primary', '.foot'])
    for (const element of all(part).filter(isDrawn)) check(isSeen(element), `${part} is not seen`);
  check(isDrawn(one('.timer')), 'there is no time');
  const sends = ['multiple', 'order', 'number', 'text'].includes(asked.type);
  if (sends) check(all('.answers .button.primary').length === 1, 'there is nothing to send with');
  for (const button of all('.answers button'))
    check(heightOf(button) >= TARGET_PX, `a target of ${heightOf(button)} px`);

  const picture = document.querySelector('.picture');
  check(!asked.picture || picture !== null, 'there is no picture');
  if (picture) {
    const height = heightOf(picture);
    check(height <= PICTURE_SHARE * innerHeight + ROUNDING_PX, `a picture of ${height} px`);
    check(height >= TARGET_PX, `a picture of ${height} px to touch`);
    check(isSeen(picture), 'the picture is cut off');
  }
  const heading = one('h1');
  const cut = heading.scrollHeight > heading.clientHeight + 4;
  check(!cut || document.querySelector('.more') !== null, 'the question is cut for good');
  const rows = all('.options > *');
  check(rows.length === shownOptions(asked), `${rows.length} options`);
  if (fit !== 'scroll' && fit !== 'loose')
    for (const [at, row] of rows.entries()) check(isSeen(row), `option ${at + 1} is cut off`);
  const texts = all('.options .text');
  for (const [at, text] of texts.entries()) {
    check(text.scrollWidth <= text.clientWidth + ROUNDING_PX, `option ${at + 1} is too wide`);
    check(isWithin(text, text.closest('.tile') ?? text), `option ${at + 1} leaves its tile`);
  }
  const type_px = Math.min(...[heading, ...texts].map(typeOf));
  check(type_px >= LEAST_TYPE_PX, `type of ${type_px} px`);
  const apart = [
    one('.number'),
    one('.timer'),
    heading,
    ...(picture ? [picture] : []),
    ...all('.options'),
    ...all('.answers .field'),
    ...all('.answers .button'),
    ...all('.foot'),
  ];
  if (fit !== 'loose')
    for (const [at, part] of apart.entries())
      for (const other of apart.slice(at + 1))
        check(!overlap(part, other), `${nameOf(part)} lies over ${nameOf(other)}`);
  return { fit, columns, type_px: typeOf(texts[0] ?? heading), faults };
}

/** With type too large to fit: the page does not scroll, and everything can be reached. */
export function unreachable(asked: Asked): string[] {
  const faults: string[] = [];
  const page = document.documentElement;
  if (page.scrollHeight > innerHeight) faults.push(`the page is ${page.scrollHeight} px high`);
  if (page.scrollWidth > innerWidth) faults.push(`the page is ${page.scrollWidth} px wide`);
  const reached = ['.timer', 'h1', '.options > *', '.answers input', '.answers .button.primary'];
  const parts = reached.flatMap(all);
  if (parts.length < 2 + shownOptions(asked)) faults.push('something is missing');
  for (const part of parts) {
    part.scrollIntoView({ block: 'nearest' });
    const { top, bottom, left, right } = part.getBoundingClientRect();
    const seen = Math.min(bottom, innerHeight) - Math.max(top, 0);
    const needed = Math.min(bottom - top, innerHeight / 3);
    if (seen < needed - ROUNDING_PX || left < -ROUNDING_PX || right > innerWidth + ROUNDING_PX)
      faults.push(`${nameOf(part)} cannot be reached`);
  }
  return faults;
}

function shownOptions({ type, options }: Asked): number {
  return type === 'boolean' ? 2 : (options?.length ?? 0);
}

function one(selector: string): HTMLElement {
  const [found] = all(selector);
  if (!found) throw new Error(`There is no ${selector}.`);
  return found;
}

function all(selector: string): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(selector)];
}

function heightOf(element: Element): number {
  return Math.round(10 * element.getBoundingClientRect().height) / 10;
}

function typeOf(element: Element): number {
  return parseFloat(getComputedStyle(element).fontSize);
}

function nameOf(element: Element): string {
  return element.className || element.tagName;
}

function isDrawn(element: Element): boolean {
  return element.getClientRects().length > 0;
}

/** Whether an element is entirely within the window and its screen. */
function isSeen(element: Element): boolean {
  const box = element.getBoundingClientRect();
  return (
    box.top >= -ROUNDING_PX &&
    box.left >= -ROUNDING_PX &&
    box.bottom <= innerHeight + ROUNDING_PX &&
    box.right <= innerWidth + ROUNDING_PX &&
    box.height > 0
  );
}

function isWithin(inner: Element, outer: Element): boolean {
  const [one, other] = [inner.getBoundingClientRect(), outer.getBoundingClientRect()];
  return one.top >= other.top - ROUNDING_PX && one.bottom <= other.bottom + ROUNDING_PX;
}

function overlap(one: Element, other: Element): boolean {
  const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return across > ROUNDING_PX && down > ROUNDING_PX;
}
