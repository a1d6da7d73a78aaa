/** What a reveal says of a question, in terms of what the big screen shows. */
import type { OpenQuestion, RevealFields } from '@/protocol/messages';

/** An option as it is shown once the question is over. */
export interface OptionResult {
  /** `null` where there is no right answer, as in polls. */
  right: boolean | null;
  count: number | null;
  /** How many of the most frequent option's, 0 to 1. */
  share: number;
}

/** What was typed, with how many typed it. */
export interface TypedResult {
  label: string;
  count: number;
  right: boolean | null;
}

export type Shape = 'options' | 'typed' | 'order' | 'slide';

export function shapeOf(question: OpenQuestion): Shape {
  switch (question.type) {
    case 'single':
    case 'multiple':
    case 'boolean':
    case 'poll':
      return 'options';
    case 'number':
    case 'text':
      return 'typed';
    case 'order':
      return 'order';
    case 'slide':
      return 'slide';
  }
}

export function optionResults(options: readonly string[], reveal: RevealFields): OptionResult[] {
  const counts = options.map((_, index) => Number(reveal.distribution[index] ?? 0));
  const most = Math.max(1, ...counts);
  const right = indices(reveal.solution);
  return counts.map((count, index) => ({
    right: right ? right.includes(index) : null,
    count,
    share: count / most,
  }));
}

/** The order of the options that is right, by their index as shown. */
export function rightOrder(reveal: RevealFields): number[] | null {
  return indices(reveal.solution);
}

export function typedResults(reveal: RevealFields, most: number): TypedResult[] {
  return reveal.distribution
    .filter((item): item is { answer: unknown; count: number; correct?: boolean } => {
      return typeof item === 'object' && item !== null && 'answer' in item && 'count' in item;
    })
    .slice(0, most)
    .map(({ answer, count, correct }) => ({
      label: String(answer),
      count,
      right: correct ?? null,
    }));
}

export interface NumberSolution {
  value: number;
  tolerance: number;
}

export function numberSolution(reveal: RevealFields): NumberSolution | null {
  const { solution } = reveal;
  if (typeof solution !== 'object' || solution === null || !('value' in solution)) return null;
  const { value, tolerance = 0 } = solution as Partial<NumberSolution>;
  return { value: Number(value), tolerance };
}

/** The texts that count as right, the author's first one first. */
export function acceptedTexts(reveal: RevealFields): string[] {
  const { solution } = reveal;
  if (typeof solution !== 'object' || solution === null || !('accepted' in solution)) return [];
  return Array.isArray(solution.accepted) ? solution.accepted.map(String) : [];
}

function indices(solution: unknown): number[] | null {
  return Array.isArray(solution) && solution.every((item) => typeof item === 'number')
    ? solution
    : null;
}
