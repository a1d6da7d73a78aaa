/** The player's answer to the current question, pending or recorded. */
import { computed } from 'vue';

import type { Answer } from '@/live/state';
import type { PlaySession } from '@/live/play';
import type { PlayState } from '@/live/state';

export function useOwnAnswer(
  session: PlaySession,
  state: () => PlayState,
  question: () => { question: number },
) {
  const delivery = computed(() => {
    const current = session.outbox.current.value;
    return current?.question === question().question ? current : null;
  });
  const locked = computed(() => state().you.answered || delivery.value?.status === 'locked');
  /** `null` when there is none, or when its content is unknown. */
  const answer = computed<Answer | null>(() => {
    const current = delivery.value;
    if (current && current.status !== 'refused') return current.answer;
    return state().you.answer ?? null;
  });
  return { delivery, answer, locked };
}
