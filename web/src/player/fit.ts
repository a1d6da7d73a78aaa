/**
 * Fits a question without scrolling: reduces the type size and puts options in columns, then clamps
 * the question to a few lines (a tap opens it), and only then scrolls the options in their own
 * region. Widths are measured in the page, since they depend on fonts.
 */
import { nextTick, onMounted, onScopeDispose, shallowRef, watch, type Ref } from 'vue';

/**
 * How the question fits. `loose`: there is no room for even one option, so the whole page scrolls.
 */
export type Fit = 'whole' | 'clamped' | 'scroll' | 'loose';

/** Steps of type size in the style sheet, from large to the smallest that is easy to read. */
const SMALLEST = 5;
/** The step at which long texts switch from one column to two of the same size. */
const STILL_LARGE = 3;
const SCROLLED = 4;
const MOST_COLUMNS = 4;
const NARROWEST_PX = 76;
/** Tolerance, because the browser rounds each size to whole pixels. */
const ROUNDING_PX = 1;
/** Minimum height of a scrolling region for options. */
const REGION_REM = 5;

interface Try {
  step: number;
  columns: number;
}

/** Where words must not break: everywhere, only in columns, or nowhere. */
type Words = 'all' | 'columns' | 'none';

/** The order in which sizes and numbers of columns are tried. */
export function triesFor(options: number, short: boolean, most: number): Try[] {
  const counts = [1, 2, 3, 4].filter((columns) => columns <= Math.min(most, Math.max(1, options)));
  const steps = [0, 1, 2, 3, 4, 5];
  const tries = (chosen: number[], columns: number[]): Try[] =>
    chosen.flatMap((step) => columns.map((count) => ({ step, columns: count })));
  const more = counts.filter((columns) => columns > 1);
  if (short && more.length) return tries(steps, [2, 1, ...more.slice(1)]);
  const [large, small] = [steps.slice(0, STILL_LARGE + 1), steps.slice(STILL_LARGE + 1)];
  return [...tries(large, [1]), ...tries(large.slice(2), more), ...tries(small, counts)];
}

/**
 * Keep the question in `root` fitted as its size or `content` changes. `short` prefers options in
 * two columns.
 */
export function useQuestionFit(
  root: Readonly<Ref<HTMLElement | null>>,
  content: () => unknown,
  short: () => boolean,
): Readonly<Ref<Fit>> {
  const fit = shallowRef<Fit>('whole');
  const again = (): void => {
    if (root.value) fit.value = fitInto(root.value, short());
  };
  const sizes = new ResizeObserver(again);
  // code and formulas are rendered after their text
  const texts = new MutationObserver((changes) => {
    if (changes.some(({ target }) => isPart(target))) again();
  });
  onMounted(() => {
    if (root.value) {
      sizes.observe(root.value);
      texts.observe(root.value, { childList: true, subtree: true });
    }
    again();
    // measure again once the web fonts have replaced the fallback
    void document.fonts.ready.then(again);
  });
  watch(content, () => void nextTick(again));
  onScopeDispose(() => {
    sizes.disconnect();
    texts.disconnect();
  });
  return fit;
}

function isPart(node: Node): boolean {
  return node instanceof Element && node.closest('h1, .text') !== null;
}

function fitInto(root: HTMLElement, short: boolean): Fit {
  const options = root.querySelector<HTMLElement>('.options');
  const count = options?.childElementCount ?? 0;
  const set = (fit: Fit, { step, columns }: Try, lines: number | null): void => {
    Object.assign(root.dataset, { fit, step, columns });
    root.style.setProperty('--columns', String(columns));
    root.style.setProperty('--rows', String(Math.ceil(count / columns)));
    root.style.setProperty('--lines', lines === null ? 'none' : String(lines));
  };
  const holds = (): boolean => root.scrollHeight <= root.clientHeight + ROUNDING_PX;
  const widest = Math.floor((options?.clientWidth ?? 0) / NARROWEST_PX) || 1;
  const tries = triesFor(count, short, Math.min(MOST_COLUMNS, widest));
  const small = tries.filter(({ step }) => step >= STILL_LARGE);
  const smallest = tries.filter(({ step }) => step === SMALLEST);

  const first = (fit: Fit, among: Try[], lines: number | null, words: Words): boolean =>
    among.some((one) => {
      set(fit, one, lines);
      const kept = words === 'all' || (words === 'columns' && one.columns > 1);
      return holds() && (!kept || keepsWords(root));
    });
  const large = tries.filter(({ step }) => step <= STILL_LARGE);
  if (first('whole', large, null, 'all') || first('whole', tries, null, 'columns')) return 'whole';
  if (first('clamped', small, 3, 'columns') || first('clamped', smallest, 1, 'none')) {
    root.style.setProperty('--lines', String(linesLeft(root)));
    return 'clamped';
  }
  set('scroll', { step: SCROLLED, columns: 1 }, 2);
  const rem_px = parseFloat(getComputedStyle(document.documentElement).fontSize);
  if (holds() && options && options.clientHeight >= REGION_REM * rem_px) return 'scroll';
  set('loose', { step: SCROLLED, columns: 1 }, null);
  return 'loose';
}

/** Whether the longest words of the question and of each option fit on a line. */
function keepsWords(root: HTMLElement): boolean {
  root.classList.add('measuring');
  const texts = [...root.querySelectorAll<HTMLElement>('h1, .options .text')];
  const kept = texts.every((text) => text.scrollWidth <= text.clientWidth + ROUNDING_PX);
  root.classList.remove('measuring');
  return kept;
}

/** How many lines of the question fit beside everything else. */
function linesLeft(root: HTMLElement): number {
  const [ask, text] = [root.querySelector<HTMLElement>('.ask'), root.querySelector('h1')];
  if (!ask || !text) return 1;
  const line_px = parseFloat(getComputedStyle(text).lineHeight);
  const others_px = ask.scrollHeight - text.clientHeight;
  const beside = getComputedStyle(ask).flexDirection === 'row';
  const room_px = ask.clientHeight - (beside ? 0 : others_px);
  return Math.max(1, Math.floor((room_px + ROUNDING_PX) / line_px));
}
