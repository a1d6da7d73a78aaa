/** The server's clock in components. */
import { onScopeDispose, readonly, ref, watch, type Ref } from 'vue';

import { at, type Clock } from './deadline';

/** Whether the server's clock has passed a moment; turns true at the frame where it does. */
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

/**
 * The time that is left until a moment, at least 0, updated each frame; `frozen_ms`, where it is
 * not null, is shown instead (the run is paused).
 */
export function useRemaining(
  clock: Clock,
  moment: () => number | null | undefined,
  frozen_ms: () => number | null | undefined = () => null,
): Readonly<Ref<number>> {
  const remaining_ms = ref(0);
  let frame = 0;
  const look = (): void => {
    const [until_ms, frozen] = [moment(), frozen_ms()];
    remaining_ms.value = Math.max(0, frozen ?? (until_ms == null ? 0 : until_ms - clock.now()));
    frame = requestAnimationFrame(look);
  };
  look();
  onScopeDispose(() => cancelAnimationFrame(frame));
  return readonly(remaining_ms);
}
