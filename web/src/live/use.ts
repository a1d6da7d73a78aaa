/** Composables on the server's clock. */
import { onScopeDispose, readonly, ref, watch, type Ref } from 'vue';

import { at, type Clock } from './deadline';

/** Whether the server's clock has reached a moment; turns true on the exact frame. */
export function useReached(
  clock: Clock,
  moment: () => number | null | undefined,
): Readonly<Ref<boolean>> {
  const reached = ref(false);
  let cancel = (): void => undefined;
  watch(
    moment,
    (at_ms) => {
      cancel();
      reached.value = false;
      if (at_ms != null) cancel = at(clock, at_ms, () => (reached.value = true));
    },
    { immediate: true, flush: 'sync' },
  );
  onScopeDispose(() => cancel());
  return readonly(reached);
}

/** Timers may fire slightly early, so add a margin to be past the second. */
const AFTER_THE_SECOND_MS = 2;

/**
 * Time left until a moment, at least 0. Updated once per whole second, so dependents render once a
 * second. While `frozen_ms` is not null (the run is paused), it is returned instead.
 */
export function useRemaining(
  clock: Clock,
  moment: () => number | null | undefined,
  frozen_ms: () => number | null | undefined = () => null,
): Readonly<Ref<number>> {
  const remaining_ms = ref(0);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    clearTimeout(timer);
    const [until_ms, frozen] = [moment(), frozen_ms()];
    remaining_ms.value = Math.max(0, frozen ?? (until_ms == null ? 0 : until_ms - clock.now()));
    if (frozen == null && remaining_ms.value > 0)
      timer = setTimeout(look, (remaining_ms.value % 1000 || 1000) + AFTER_THE_SECOND_MS);
  };
  watch([moment, frozen_ms], look, { immediate: true, flush: 'sync' });
  // a page that was in the background may have missed timers
  document.addEventListener('visibilitychange', look);
  onScopeDispose(() => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  });
  return readonly(remaining_ms);
}
