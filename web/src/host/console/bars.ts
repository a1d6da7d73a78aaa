/** Answers as bars, while they come and when the question is over. */
import type { Bar } from '@/components/DistributionBars.vue';

import type { QuestionType } from '../types';

export interface AskedQuestion {
  type: QuestionType;
  options?: readonly string[] | null | undefined;
}

/** The client's own words for the options of true or false. */
export interface Words {
  yes: string;
  no: string;
}

export function optionsOf(question: AskedQuestion, { yes, no }: Words): readonly string[] {
  return question.type === 'boolean' ? [yes, no] : (question.options ?? []);
}

/**
 * Bars of what was answered: by option, or the most frequent ones. `solution` marks the right ones;
 * without one nothing is told.
 */
export function answerBars(
  question: AskedQuestion,
  answers: readonly unknown[],
  solution: unknown,
  words: Words,
  number: (value: number) => string,
): Bar[] {
  const options = optionsOf(question, words);
  const right = rightOptions(solution);
  const told = solution !== null && solution !== undefined;
  return answers.map((item, index): Bar => {
    if (typeof item === 'number')
      return {
        label: options[index] ?? '',
        count: item,
        right: told && right ? right.includes(index) : null,
        mark: index,
      };
    const { answer, count, correct } = item as FreeAnswer;
    return {
      label: answerText(question, answer, words, number),
      count,
      right: told ? (correct ?? null) : null,
    };
  });
}

interface FreeAnswer {
  answer: unknown;
  count: number;
  correct?: boolean;
}

/** An answer in words: the options that it names, a number, a text. */
export function answerText(
  question: AskedQuestion,
  answer: unknown,
  words: Words,
  number: (value: number) => string,
): string {
  const options = optionsOf(question, words);
  if (Array.isArray(answer)) {
    const named = answer.map((index) => options[Number(index)] ?? '?');
    return named.join(question.type === 'order' ? ' → ' : ', ');
  }
  if (typeof answer === 'number') return options.length ? (options[answer] ?? '?') : number(answer);
  return String(answer);
}

/** The right answer in words; `null` where there is none. */
export function solutionText(
  question: AskedQuestion,
  solution: unknown,
  words: Words,
  number: (value: number) => string,
): string | null {
  if (solution === null || solution === undefined) return null;
  if (Array.isArray(solution)) return answerText(question, solution, words, number);
  if (typeof solution !== 'object') return null;
  if ('accepted' in solution && Array.isArray(solution.accepted))
    return solution.accepted.map(String).join(' / ');
  if (!('value' in solution)) return null;
  const { value, tolerance = 0 } = solution as { value: number; tolerance?: number };
  return tolerance ? `${number(value)} ± ${number(tolerance)}` : number(value);
}

export function rightOptions(solution: unknown): number[] | null {
  return Array.isArray(solution) && solution.every((item) => typeof item === 'number')
    ? solution
    : null;
}
