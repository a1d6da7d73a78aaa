/** Texts of any length on a screen that does not scroll: everything in a box shrinks until it fits. */
import { nextTick, onMounted, onScopeDispose, watch, type Ref } from 'vue';

const LEAST = 0.28;
const STEPS = 7;

/**
 * The largest scale up to 1 at which `fits` holds, to within a hundredth; `least` when none does.
 * `fits` may only get easier the smaller the scale.
 */
export function largestFit(fits: (scale: number) => boolean, least = LEAST): number {
  if (fits(1)) return 1;
  let [low, high] = [least, 1];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** Keeps `--fit` of the box such that its content fits, whenever its size or `content` changes. */
export function useFit(box: Readonly<Ref<HTMLElement | null>>, content: () => unknown): void {
  const fit = (): void => {
    const element = box.value;
    if (!element) return;
    const scale = largestFit((tried) => {
      element.style.setProperty('--fit', tried.toFixed(3));
      return holds(element);
    });
    element.style.setProperty('--fit', scale.toFixed(3));
  };
  const sizes = new ResizeObserver(fit);
  onMounted(() => {
    if (box.value) sizes.observe(box.value);
    fit();
    // what was measured in a stand-in font is measured again
    void document.fonts.ready.then(fit);
  });
  watch(content, () => void nextTick(fit));
  onScopeDispose(() => sizes.disconnect());
}

/** Sizes are rounded to whole pixels, each its own way. */
const ROUNDING_PX = 1;

function holds(element: HTMLElement): boolean {
  return (
    element.scrollHeight <= element.clientHeight + ROUNDING_PX &&
    element.scrollWidth <= element.clientWidth + ROUNDING_PX
  );
}
