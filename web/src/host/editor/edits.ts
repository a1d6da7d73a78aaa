/** Pure edits of a draft. Each returns a new draft; the old one is kept for undo. */
import { MAX_OPTIONS, MAX_QUESTIONS } from '@/protocol/limits';
import { randomKey } from '@/ui/random';

import { lengthOf } from '../parts/limit';
import type { QuestionType } from '../types';

import {
  filledOptions,
  labelOf,
  newOption,
  newQuestion,
  type Draft,
  type DraftQuestion,
} from './draft';

/** Insert a question at `at`, with its neighbour's time limit and points. */
export function withNewQuestion(draft: Draft, type: QuestionType, at: number): Draft {
  const { time_limit_s, points } = draft.questions[at - 1] ?? newQuestion(type);
  return withQuestion(draft, { ...newQuestion(type), time_limit_s, points }, at);
}

export function withCopyOf(draft: Draft, at: number): Draft {
  const original = draft.questions[at];
  if (!original) return draft;
  const options = original.options.map(({ text, correct, media }) =>
    newOption(text, correct, media),
  );
  return withQuestion(draft, { ...original, id: randomKey(), options }, at + 1);
}

export function without(draft: Draft, at: number): Draft {
  return { ...draft, questions: draft.questions.filter((_, index) => index !== at) };
}

export function withMoved(draft: Draft, from: number, to: number): Draft {
  if (from === to || !draft.questions[from] || !draft.questions[to]) return draft;
  return { ...draft, questions: moved(draft.questions, from, to) };
}

export function withChange(draft: Draft, id: string, change: Partial<DraftQuestion>): Draft {
  return {
    ...draft,
    questions: draft.questions.map((one) => (one.id === id ? { ...one, ...change } : one)),
  };
}

/** Further changes when the type changes: a `single` question keeps only the first right option. */
export function typeChange(question: DraftQuestion, type: QuestionType): Partial<DraftQuestion> {
  if (type !== 'single') return { type };
  const first = question.options.findIndex((option) => option.correct);
  const options = question.options.map((option, at) => ({ ...option, correct: at === first }));
  return { type, options };
}

/** Mark an option as right or wrong; a `single` question has only one right option. */
export function markChange(question: DraftQuestion, id: string, correct: boolean) {
  const only = question.type === 'single';
  const options = question.options.map((option) => {
    if (option.id === id) return { ...option, correct };
    return only && correct ? { ...option, correct: false } : option;
  });
  return { options } satisfies Partial<DraftQuestion>;
}

/** Set an option's uploaded picture, keeping any text entered meanwhile. */
export function withPicture(question: DraftQuestion, id: string, url: string) {
  const options = question.options.map((option) =>
    option.id === id ? { ...option, media: { url, alt: option.media?.alt ?? '' } } : option,
  );
  return { options } satisfies Partial<DraftQuestion>;
}

/** Split a pasted list into options; `null` if it is not a list or does not fit. */
export function pasteChange(question: DraftQuestion, id: string, pasted: string, maxChars: number) {
  const lines = pasted
    .slice(0, 2 * MAX_OPTIONS * (maxChars + 1))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const others = filledOptions(question).filter((option) => option.id !== id).length;
  const fits = lines.length > 1 && lines.length + others <= MAX_OPTIONS;
  if (!fits || lines.some((line) => lengthOf(line) > maxChars)) return null;
  const options = [...question.options];
  let at = options.findIndex((option) => option.id === id);
  for (const text of lines) {
    const place = options[at];
    if (place && (place.id === id || !labelOf(place))) options[at] = { ...place, text };
    else options.splice(at, 0, newOption(text));
    at += 1;
  }
  while (options.length > MAX_OPTIONS)
    options.splice(
      options.findLastIndex((option) => !labelOf(option)),
      1,
    );
  return { options } satisfies Partial<DraftQuestion>;
}

export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

/** Insert this question at `at`, if there is room. */
export function withQuestion(draft: Draft, question: DraftQuestion, at: number): Draft {
  if (draft.questions.length >= MAX_QUESTIONS) return draft;
  return { ...draft, questions: draft.questions.toSpliced(at, 0, question) };
}
