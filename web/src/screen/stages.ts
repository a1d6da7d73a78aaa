/** The two parts of a reveal: the right answer, then the standings. */
import { onScopeDispose, readonly, ref, watch, type Ref } from 'vue';

/**
 * Whether the right answer of the reveal `index()` has been seen long enough. `toggle` goes to the
 * other part by hand; then it stays there. A paused run waits.
 */
export function useSeen(
  index: () => number | null,
  length_ms: () => number,
  paused: () => boolean,
): { seen: Readonly<Ref<boolean>>; toggle: () => void } {
  const seen = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let byHand = false;

  const wait = (): void => {
    clearTimeout(timer);
    if (index() === null || paused() || seen.value || byHand) return;
    timer = setTimeout(() => (seen.value = true), length_ms());
  };
  watch(
    index,
    () => {
      [seen.value, byHand] = [false, false];
      wait();
    },
    { immediate: true, flush: 'sync' },
  );
  watch(paused, wait);
  onScopeDispose(() => clearTimeout(timer));

  return {
    seen: readonly(seen),
    toggle: () => {
      byHand = true;
      clearTimeout(timer);
      seen.value = !seen.value;
    },
  };
}
