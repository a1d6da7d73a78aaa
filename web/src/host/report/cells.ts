/** The verdict on a player's answer, as a symbol and a word. */
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

/** `open`: not judged (polls and void questions), or not scored yet. */
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
