/** When the current question is shown and when its answers open, by the server's clock. */
import type { OpenQuestion } from '@/protocol/messages';

import type { PlayState } from './state';

type Times = Pick<OpenQuestion, 'opens_at' | 'paused_ms' | 'shows_at' | 'reading'>;

/** Reading time left while the run is paused, in ms. */
export function readingLeft(
  state: Pick<PlayState, 'paused' | 'remaining_ms' | 'question'>,
): number | null {
  if (!state.paused || state.remaining_ms == null || !state.question) return null;
  return Math.max(0, state.remaining_ms - state.question.time_limit_ms);
}

/**
 * When the answers open; `null` without a question, or if the run was paused before they opened.
 */
export function opensAt(question: Times | null | undefined): number | null {
  if (!question || question.reading) return null;
  return question.opens_at + question.paused_ms;
}

/** When the question is shown; without reading time, when its answers open. */
export function showsAt(question: Times | null | undefined): number | null {
  if (!question) return null;
  if (question.shows_at == null) return opensAt(question);
  return question.reading ? question.shows_at : question.shows_at + question.paused_ms;
}
