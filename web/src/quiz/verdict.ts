/** The verdict on an answer, for players and reports. */
import type { Question } from '@/protocol/messages';

/** `open`: no right answer, as in polls; `late`: the player joined after the question. */
export type Verdict = 'right' | 'partly' | 'wrong' | 'none' | 'open' | 'slide' | 'late';

export interface Scored {
  correct: boolean | null;
  points: number | null;
}

/** The verdict on a scored answer. A wrong one that earned points is partly right. */
export function scoredVerdict({ correct, points }: Scored): 'right' | 'partly' | 'wrong' {
  if (correct) return 'right';
  return points ? 'partly' : 'wrong';
}

/**
 * The verdict a reveal shows a player. `result` is absent for those who joined after the question.
 */
export function verdictOf(
  type: Question['type'] | undefined,
  result: Scored | null | undefined,
  answered: boolean,
): Verdict {
  if (!result) return 'late';
  if (type === 'slide') return 'slide';
  if (!answered) return type === 'poll' ? 'open' : 'none';
  return type === 'poll' ? 'open' : scoredVerdict(result);
}
