/** What a player's answer to a question comes to, as a sign and a word. */
import type { AnswerReport, QuestionResult } from '../types';

export type CellVerdict = 'right' | 'partly' | 'wrong' | 'none' | 'open';

export const VERDICTS: readonly CellVerdict[] = ['right', 'partly', 'wrong', 'none', 'open'];
export const SIGNS: Record<CellVerdict, string> = {
  right: '✓',
  partly: '◐',
  wrong: '✗',
  none: '–',
  open: '·',
};

/** `open`: no answer is right or wrong, as in polls and void questions, or it is not scored yet. */
export function cellVerdict(
  question: Pick<QuestionResult, 'type' | 'verdict'>,
  answer: Pick<AnswerReport, 'points' | 'correct'> | undefined,
): CellVerdict {
  if (!answer) return 'none';
  if (question.type === 'poll' || question.verdict === 'void') return 'open';
  if (answer.points === null) return 'open';
  if (answer.correct) return 'right';
  return answer.points > 0 ? 'partly' : 'wrong';
}
