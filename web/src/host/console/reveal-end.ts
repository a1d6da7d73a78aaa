/**
 * When a reveal will be over by itself. The stream does not say; what this client has seen begin it
 * can tell from the run's settings. After a reload it is not known, and nothing is shown.
 */
import { ref, watch, type Ref } from 'vue';

import type { Clock } from '@/live/deadline';
import type { HostState } from '@/live/state';

import type { RunView } from '../types';

const REVEAL_S = 5;

export function useRevealEnd(
  clock: Clock,
  state: () => HostState,
  run: () => RunView | null,
): Readonly<Ref<number | null>> {
  const ends_at = ref<number | null>(null);
  let left_ms: number | null = null;

  watch(
    () => state().reveal?.question,
    (question, before) => {
      const settings = run()?.settings;
      const seen = before !== undefined || state().progress !== null;
      const auto = settings && settings.auto_advance !== false;
      ends_at.value =
        question !== undefined && seen && auto && !state().paused
          ? clock.now() + 1000 * (settings.reveal_s ?? REVEAL_S)
          : null;
    },
    { immediate: true },
  );
  watch(
    () => state().paused,
    (paused) => {
      if (paused) left_ms = state().remaining_ms ?? null;
      else if (left_ms !== null) ends_at.value = clock.now() + left_ms;
    },
    { immediate: true },
  );
  return ends_at;
}
