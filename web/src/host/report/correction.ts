/** A correction of a question, as form values and as an API request. */
import { acceptedTexts, numberSolution, rightOptions } from '@/quiz/solution';

import type { QuestionResult, Verdict } from '../types';

export interface Ruling {
  verdict: Verdict;
  /** The right options, or all in the right order. */
  picks: number[];
  /** As typed. */
  value: string;
  tolerance: string;
  /** One accepted answer per line. */
  accepted: string;
}

type Corrected = Pick<QuestionResult, 'type' | 'options' | 'solution' | 'verdict'>;

/** Whether the question type has a solution to correct. */
export function correctable({ type }: Pick<QuestionResult, 'type'>): boolean {
  return type !== 'poll' && type !== 'slide';
}

/** The current solution as initial form values. */
export function rulingOf(question: Corrected, number: (value: number) => string): Ruling {
  const range = numberSolution(question.solution);
  return {
    verdict: question.verdict ?? 'original',
    picks: [...(rightOptions(question.solution) ?? [])],
    value: range ? number(range.value) : '',
    tolerance: range ? number(range.tolerance) : '',
    accepted: acceptedTexts(question.solution).join('\n'),
  };
}

/** The solution to send; `null` if the form is incomplete. */
export function keyOf(
  { type }: Pick<QuestionResult, 'type'>,
  ruling: Ruling,
  parse: (typed: string) => number | null,
): unknown {
  switch (type) {
    case 'number': {
      const value = parse(ruling.value);
      const tolerance = ruling.tolerance.trim() ? parse(ruling.tolerance) : 0;
      if (value === null || tolerance === null || tolerance < 0) return null;
      return { value, tolerance };
    }
    case 'text': {
      const accepted = ruling.accepted.split('\n').map((line) => line.trim());
      const filled = [...new Set(accepted.filter(Boolean))];
      return filled.length ? { accepted: filled } : null;
    }
    default:
      return ruling.picks.length ? ruling.picks : null;
  }
}

/** Move the item at `place` by one step. */
export function moved(order: readonly number[], place: number, step: -1 | 1): number[] {
  const next = [...order];
  const item = next[place];
  const other = next[place + step];
  if (item === undefined || other === undefined) return next;
  next[place] = other;
  next[place + step] = item;
  return next;
}
