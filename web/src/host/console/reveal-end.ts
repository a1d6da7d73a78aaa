/**
 * When a reveal will end automatically. The stream does not say, so it is computed from the
 * duration if this client saw it begin. After a reload it is unknown, and nothing is shown.
 */
import { ref, watch, type Ref } from 'vue';

import type { Clock } from '@/live/deadline';
import type { HostState } from '@/live/state';

export function useRevealEnd(clock: Clock, state: () => HostState): Readonly<Ref<number | null>> {
  const ends_at = ref<number | null>(null);
  let left_ms: number | null = null;

  watch(
    () => state().reveal?.question,
    (question, before) => {
      const { reveal, paused, progress } = state();
      const seen = before !== undefined || progress !== null;
      const lasts_ms = question !== undefined && seen && !paused ? reveal?.lasts_ms : null;
      ends_at.value = lasts_ms == null ? null : clock.now() + lasts_ms;
    },
    { immediate: true },
  );
  watch(
    () => state().round_break?.ends_at,
    (breakEnds) => {
      if (breakEnds !== undefined) ends_at.value = breakEnds;
    },
    { immediate: true },
  );
  watch(
    () => state().paused,
    (paused) => {
      if (paused) left_ms = state().remaining_ms ?? null;
      else if (left_ms !== null && !state().round_break) ends_at.value = clock.now() + left_ms;
    },
    { immediate: true },
  );
  return ends_at;
}
