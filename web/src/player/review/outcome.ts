/** The verdict on an answer, for the player who gave it. */
import { scoredVerdict } from '@/quiz/verdict';

import type { ReviewedQuestion } from './load';

export type ReviewVerdict = 'right' | 'partly' | 'wrong' | 'none' | 'open';

export const SIGNS: Record<ReviewVerdict, string> = {
  right: '✓',
  partly: '◐',
  wrong: '✗',
  none: '–',
  open: '·',
};

/** `open`: not judged (polls and void questions), or not scored yet. */
export function reviewVerdict(
  question: Pick<ReviewedQuestion, 'answered' | 'correct' | 'earned'>,
): ReviewVerdict {
  if (!question.answered) return 'none';
  if (question.correct === null || question.earned === null) return 'open';
  return scoredVerdict({ correct: question.correct, points: question.earned });
}
