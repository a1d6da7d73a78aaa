/** The two parts of a reveal: the solution, then the standings. */
import { onScopeDispose, readonly, ref, watch, type Ref } from 'vue';

/**
 * Whether the solution of the reveal `index()` has been shown long enough. A pause stops the timer.
 */
export function useSeen(
  index: () => number | null,
  length_ms: () => number,
  paused: () => boolean,
): Readonly<Ref<boolean>> {
  const seen = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;

  const wait = (): void => {
    clearTimeout(timer);
    if (index() === null || paused() || seen.value) return;
    timer = setTimeout(() => (seen.value = true), length_ms());
  };
  watch(
    index,
    () => {
      seen.value = false;
      wait();
    },
    { immediate: true, flush: 'sync' },
  );
  watch(paused, wait);
  onScopeDispose(() => clearTimeout(timer));
  return readonly(seen);
}
