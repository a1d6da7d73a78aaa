/** When the question at hand is shown, and when its answers open, by the server's clock. */
import type { OpenQuestion } from '@/protocol/messages';

import type { PlayState } from './state';

type Times = Pick<OpenQuestion, 'opens_at' | 'paused_ms' | 'shows_at' | 'reading'>;

/** While the clock stands: what is left of the reading, in ms. */
export function readingLeft(
  state: Pick<PlayState, 'paused' | 'remaining_ms' | 'question'>,
): number | null {
  if (!state.paused || state.remaining_ms == null || !state.question) return null;
  return Math.max(0, state.remaining_ms - state.question.time_limit_ms);
}

/** When the answers open; `null` where there is no question, or the clock was stopped before. */
export function opensAt(question: Times | null | undefined): number | null {
  if (!question || question.reading) return null;
  return question.opens_at + question.paused_ms;
}

/** From when on the question is read; where it is not, it is shown as its answers open. */
export function showsAt(question: Times | null | undefined): number | null {
  if (!question) return null;
  if (question.shows_at == null) return opensAt(question);
  return question.reading ? question.shows_at : question.shows_at + question.paused_ms;
}
