/** Fits texts of any length on a screen that does not scroll by scaling everything down. */
import { nextTick, onMounted, onScopeDispose, watch, type Ref } from 'vue';

/** Below this scale, words are hyphenated instead of shrunk further. */
const LEAST_WHOLE = 0.45;
const LEAST = 0.28;
const STEPS = 7;

/**
 * The largest scale between the bounds at which `fits` holds, to within 0.01; `null` if there is
 * none. `fits` must be monotonic: what fits at one scale fits at every smaller one.
 */
export function largestFit(
  fits: (scale: number) => boolean,
  least: number,
  most: number,
): number | null {
  if (fits(most)) return most;
  if (!fits(least)) return null;
  let [low, high] = [least, most];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Set `--fit` on the box so that its content fits, whenever its size or `content` changes. Words in
 * elements with `data-words` are not broken if possible. `most` above 1 enlarges short texts.
 */
export function useFit(
  box: Readonly<Ref<HTMLElement | null>>,
  content: () => unknown,
  most = 1,
): void {
  const fit = (): void => {
    if (box.value) fitInto(box.value, most);
  };
  const sizes = new ResizeObserver(fit);
  onMounted(() => {
    if (box.value) sizes.observe(box.value);
    fit();
    // measure again once the web fonts have replaced the fallback
    void document.fonts.ready.then(fit);
  });
  watch(content, () => void nextTick(fit));
  onScopeDispose(() => sizes.disconnect());
}

function fitInto(box: HTMLElement, most: number): void {
  const words = [...box.querySelectorAll<HTMLElement>('[data-words]')];
  const scaled = (scale: number): HTMLElement => {
    box.style.setProperty('--fit', scale.toFixed(3));
    return box;
  };
  keepWords(words, true);
  const whole = largestFit(
    (scale) => holds(scaled(scale)) && words.every(isWideEnough),
    LEAST_WHOLE,
    most,
  );
  // Whole words stay unbroken: one that is a fraction of a pixel too wide would break otherwise.
  if (whole === null) keepWords(words, false);
  scaled(whole ?? largestFit((scale) => holds(scaled(scale)), LEAST, most) ?? LEAST);
}

/** Includes nested quiz texts, which set their own hyphenation. */
function keepWords(elements: readonly HTMLElement[], whole: boolean): void {
  for (const element of elements)
    for (const one of [element, ...element.querySelectorAll<HTMLElement>('[lang]')]) {
      one.style.overflowWrap = whole ? 'normal' : '';
      one.style.hyphens = whole ? 'manual' : '';
    }
}

/** Tolerance, because the browser rounds each size to whole pixels. */
const ROUNDING_PX = 1;

function isWideEnough(element: HTMLElement): boolean {
  return element.scrollWidth <= element.clientWidth + ROUNDING_PX;
}

function holds(box: HTMLElement): boolean {
  return isWideEnough(box) && box.scrollHeight <= box.clientHeight + ROUNDING_PX;
}
