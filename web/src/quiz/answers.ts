/** What was answered, as bars and in words, while answers arrive and once the question is over. */
import type { Bar } from '@/components/DistributionBars.vue';
import type { Question } from '@/protocol/messages';

import { acceptedTexts, numberSolution, rightOptions } from './solution';

export interface AskedQuestion {
  type: Question['type'];
  options?: readonly string[] | null | undefined;
}

/** The words for the options of true or false, which are not part of a question. */
export type Truth = readonly [yes: string, no: string];

/** An answer that was typed or ordered, with how many gave it. */
interface FreeAnswer {
  answer: unknown;
  count: number;
  correct?: boolean;
}

const plain = String as (value: number) => string;

/** The options of a question as shown; those of true or false are the reader's words. */
export function optionsOf(question: AskedQuestion, truth: Truth): readonly string[] {
  return question.type === 'boolean' ? truth : (question.options ?? []);
}

/** Whether a question is answered in one's own words, so that answers are counted by their text. */
export function isTyped({ type }: Pick<AskedQuestion, 'type'>): boolean {
  return type === 'number' || type === 'text';
}

/**
 * Bars of what was answered: by option, or the most frequent ones. `solution` marks the right ones;
 * without one nothing is told.
 */
export function answerBars(
  question: AskedQuestion,
  answers: readonly unknown[],
  solution: unknown,
  truth: Truth,
  number: (value: number) => string = plain,
): Bar[] {
  const options = optionsOf(question, truth);
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
      label: answerText(question, answer, truth, number),
      count,
      right: told ? (correct ?? null) : null,
    };
  });
}

/** An option as it is shown once the question is over. */
export interface OptionResult {
  /** `null` where there is no right answer, as in polls. */
  right: boolean | null;
  count: number | null;
  /** How many of the most frequent option's, 0 to 1. */
  share: number;
}

/** How many took each option, and which are right. */
export function optionResults(
  options: readonly string[],
  { distribution, solution }: { distribution: readonly unknown[]; solution?: unknown },
): OptionResult[] {
  const counts = options.map((_, index) => Number(distribution[index] ?? 0));
  const most = Math.max(1, ...counts);
  const right = rightOptions(solution);
  return counts.map((count, index) => ({
    right: right ? right.includes(index) : null,
    count,
    share: count / most,
  }));
}

/** The same bars with a player's own answer marked. */
export function withOwn(bars: Bar[], given: readonly unknown[], own: unknown): Bar[] {
  const picked = new Set(Array.isArray(own) ? own : [own]);
  return bars.map((bar, index) => {
    const item = given[index];
    const mine =
      typeof item === 'number' ? picked.has(index) : same((item as FreeAnswer).answer, own);
    return { ...bar, own: mine };
  });
}

function same(one: unknown, other: unknown): boolean {
  const folded = (value: unknown): string => JSON.stringify(value).toLowerCase();
  return other !== null && other !== undefined && folded(one) === folded(other);
}

/** An answer in words: the options that it names, a number, a text. */
export function answerText(
  question: AskedQuestion,
  answer: unknown,
  truth: Truth,
  number: (value: number) => string = plain,
): string {
  const options = optionsOf(question, truth);
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
  truth: Truth,
  number: (value: number) => string,
): string | null {
  if (Array.isArray(solution)) return answerText(question, solution, truth, number);
  const range = numberSolution(solution);
  if (range) {
    const { value, tolerance } = range;
    return tolerance ? `${number(value)} ± ${number(tolerance)}` : number(value);
  }
  return acceptedTexts(solution).join(' / ') || null;
}
