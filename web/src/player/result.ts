/** What a reveal says to one player, in terms of texts and bars. */
import type { Bar } from '@/components/DistributionBars.vue';
import type { Answer } from '@/live/state';
import type { OwnResult, Question, RevealFields } from '@/protocol/messages';

export type Verdict = 'right' | 'partly' | 'wrong' | 'none' | 'open' | 'slide' | 'late';

/** `result` is missing for who joined after the question. */
export function verdictOf(
  type: Question['type'] | undefined,
  result: OwnResult | null | undefined,
  answered: boolean,
): Verdict {
  if (!result) return 'late';
  if (type === 'slide') return 'slide';
  if (!answered) return type === 'poll' ? 'open' : 'none';
  if (type === 'poll') return 'open';
  if (result.correct) return 'right';
  return result.points > 0 ? 'partly' : 'wrong';
}

/** The options of a question as shown; those of true or false are the client's own words. */
export function optionsOf(question: Question, yes: string, no: string): string[] {
  return question.type === 'boolean' ? [yes, no] : (question.options ?? []);
}

const SHORT = /^(?!.*\S{14}).{0,24}$/u;

/** Short answers stand in two columns on a phone, too, as they do on the big screen. */
export function standInColumns(options: readonly string[]): boolean {
  return options.length > 2 && options.every((text) => SHORT.test(text));
}

/** Whether a reveal's solution is a list of option numbers. */
export function rightOptions(solution: unknown): number[] | null {
  return Array.isArray(solution) && solution.every((item) => typeof item === 'number')
    ? solution
    : null;
}

const FREE_ANSWERS = 5;

interface FreeAnswer {
  answer: unknown;
  count: number;
  correct?: boolean;
}

/** What everyone answered, with the right answers marked: by option, or the most frequent ones. */
export function barsOf(
  reveal: RevealFields,
  question: Question,
  options: string[],
  own: Answer | null,
): Bar[] {
  const right = rightOptions(reveal.solution);
  const picked = new Set(Array.isArray(own) ? own : [own]);
  if (question.type === 'order' || question.type === 'slide') return [];
  const free = question.options === undefined && question.type !== 'boolean';
  const shown = free ? reveal.distribution.slice(0, FREE_ANSWERS) : reveal.distribution;
  return shown.map((item, index): Bar => {
    if (typeof item === 'number')
      return {
        label: options[index] ?? '',
        count: item,
        right: right?.includes(index) ?? null,
        mark: index,
        own: picked.has(index),
      };
    const { answer, count, correct = null } = item as FreeAnswer;
    return { label: String(answer), count, right: correct, own: same(answer, own) };
  });
}

function same(one: unknown, other: unknown): boolean {
  const plain = (value: unknown): string => JSON.stringify(value).toLowerCase();
  return other !== null && plain(one) === plain(other);
}

export interface NumberSolution {
  value: number;
  tolerance: number;
}

export function numberSolution(solution: unknown): NumberSolution | null {
  if (typeof solution !== 'object' || solution === null || !('value' in solution)) return null;
  const { value, tolerance = 0 } = solution as { value: number; tolerance?: number };
  return { value, tolerance };
}

export function acceptedTexts(solution: unknown): string[] {
  if (typeof solution !== 'object' || solution === null || !('accepted' in solution)) return [];
  return Array.isArray(solution.accepted) ? solution.accepted.map(String) : [];
}
