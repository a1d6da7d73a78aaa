/** Extra time: when a question closes for this player, which may be later than for others. */
import type { OwnExtraTime } from '@/protocol/messages';

import type { PlayState } from './state';

/** The factor without extra time, and the factor without a time limit. */
export const NORMAL = 100;
export const NO_LIMIT = 0;

/** The factor for a question, in percent of its time limit. */
export function percentAt(extra: OwnExtraTime | null | undefined, question: number): number {
  if (!extra) return NORMAL;
  return question >= extra.from_question ? extra.percent : extra.before;
}

/** How long the player may answer the open question; `null` without a limit. */
export function ownLimitMs({ question, you }: PlayState): number | null {
  if (!question) return null;
  // Slides have no answers.
  const percent = question.type === 'slide' ? NORMAL : percentAt(you.extra_time, question.question);
  return percent === NO_LIMIT ? null : (question.time_limit_ms * percent) / 100;
}

/** When the question closes for this player; `null` without a limit. */
export function ownClosesAt(state: PlayState): number | null {
  const limit_ms = ownLimitMs(state);
  if (!state.question || limit_ms === null) return null;
  return state.question.closes_at + limit_ms - state.question.time_limit_ms;
}

/** Time left to this player in a paused question or other timed phase. */
export function ownRemainingMs(state: PlayState): number | null {
  const { remaining_ms, question, phase } = state;
  if (remaining_ms == null || phase !== 'question' || !question) return remaining_ms ?? null;
  const limit_ms = ownLimitMs(state);
  if (limit_ms === null) return null;
  return Math.max(0, remaining_ms - (state.overtime_ms ?? 0) + limit_ms - question.time_limit_ms);
}
