/** Given answers as bars and as text, both live and after the question. */
import type { Bar } from '@/components/DistributionBars.vue';
import type { Question } from '@/protocol/messages';

import { acceptedTexts, numberSolution, rightOptions } from './solution';

export interface AskedQuestion {
  type: Question['type'];
  options?: readonly string[] | null | undefined;
}

/** The labels of a true-or-false question, which are not stored in the question. */
export type Truth = readonly [yes: string, no: string];

/** A typed or ordered answer and how many players gave it. */
interface FreeAnswer {
  answer: unknown;
  count: number;
  correct?: boolean;
}

const plain = String as (value: number) => string;

/** The options as shown; those of true-or-false questions are localized. */
export function optionsOf(question: AskedQuestion, truth: Truth): readonly string[] {
  return question.type === 'boolean' ? truth : (question.options ?? []);
}

/** Whether answers are typed, so that they are counted by their text. */
export function isTyped({ type }: Pick<AskedQuestion, 'type'>): boolean {
  return type === 'number' || type === 'text';
}

/** Bars per option, or for the most frequent answers. `solution` marks the right ones. */
export function answerBars(
  question: AskedQuestion,
  answers: readonly unknown[],
  solution: unknown,
  truth: Truth,
  number: (value: number) => string = plain,
): Bar[] {
  const options = optionsOf(question, truth);
  const right = rightOptions(solution);
  const revealed = solution !== null && solution !== undefined;
  return answers.map((item, index): Bar => {
    if (typeof item === 'number')
      return {
        label: options[index] ?? '',
        count: item,
        right: revealed && right ? right.includes(index) : null,
        mark: index,
      };
    const { answer, count, correct } = item as FreeAnswer;
    return {
      label: answerText(question, answer, truth, number),
      count,
      right: revealed ? (correct ?? null) : null,
    };
  });
}

/** An option as shown after the question. */
export interface OptionResult {
  /** `null` when no answer is right or wrong, as in polls. */
  right: boolean | null;
  count: number | null;
  /** Fraction of the most frequent option's count, 0 to 1. */
  share: number;
}

/** How many players chose each option, and which options are right. */
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

/** An answer as text: its options, a number, or a text. */
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

/** The solution as text; `null` if there is none. */
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
