import { describe, expect, it } from 'vitest';

import { MAX_OPTIONS, MAX_QUESTIONS } from '@/protocol/limits';
import { newOption, newQuestion, type Draft, type DraftQuestion } from './draft';
import {
  markChange,
  pasteChange,
  typeChange,
  withChange,
  withCopyOf,
  withMoved,
  withNewQuestion,
  without,
  withPicture,
} from './edits';

const draftOf = (...texts: string[]): Draft => ({
  title: 'T',
  language: 'en',
  questions: texts.map((text) => ({ ...newQuestion('single'), text })),
});
const texts = (draft: Draft): string[] => draft.questions.map((question) => question.text);
const first = (draft: Draft): DraftQuestion => draft.questions[0] ?? newQuestion('single');
const optionTexts = (change: { options?: readonly { text: string }[] } | null) =>
  change?.options?.map((option) => option.text);

describe('questions', () => {
  it('move up and down, but not beyond the ends', () => {
    const draft = draftOf('a', 'b', 'c');
    expect(texts(withMoved(draft, 0, 2))).toEqual(['b', 'c', 'a']);
    expect(texts(withMoved(draft, 2, 0))).toEqual(['c', 'a', 'b']);
    expect(withMoved(draft, 0, 3)).toBe(draft);
    expect(withMoved(draft, 0, -1)).toBe(draft);
    expect(texts(draft)).toEqual(['a', 'b', 'c']);
  });

  it('are duplicated after the original, independently of it', () => {
    const draft = withCopyOf(draftOf('a', 'b'), 0);
    expect(texts(draft)).toEqual(['a', 'a', 'b']);
    expect(new Set(draft.questions.map((question) => question.id)).size).toBe(3);
    const ids = draft.questions
      .slice(0, 2)
      .flatMap((one) => one.options.map((option) => option.id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are deleted individually', () => {
    expect(texts(without(draftOf('a', 'b', 'c'), 1))).toEqual(['a', 'c']);
  });

  it('start with the previous question’s time limit and points', () => {
    const draft = withChange(draftOf('a'), first(draftOf('a')).id, {});
    const slow = withChange(draft, first(draft).id, { time_limit_s: '90', points: '500' });
    const [, added] = withNewQuestion(slow, 'poll', 1).questions;
    expect(added).toMatchObject({ type: 'poll', time_limit_s: '90', points: '500', text: '' });
  });

  it('never exceed the limit of a quiz', () => {
    const full = draftOf(...Array.from({ length: MAX_QUESTIONS }, () => 'q'));
    expect(withNewQuestion(full, 'single', 0)).toBe(full);
    expect(withCopyOf(full, 0)).toBe(full);
  });
});

describe('right answers', () => {
  const question = (type: DraftQuestion['type'], ...marks: boolean[]): DraftQuestion => ({
    ...newQuestion(type),
    options: marks.map((correct, at) => newOption(`option ${at}`, correct)),
  });
  const marks = (options: readonly { correct: boolean }[]) => options.map((one) => one.correct);

  it('are limited to one in single-choice questions', () => {
    const single = question('single', true, false, false);
    const { options } = markChange(single, single.options[2]?.id ?? '', true);
    expect(marks(options)).toEqual([false, false, true]);
  });

  it('can be several in multiple-choice questions', () => {
    const multiple = question('multiple', true, false, false);
    const { options } = markChange(multiple, multiple.options[2]?.id ?? '', true);
    expect(marks(options)).toEqual([true, false, true]);
  });

  it('are reduced to the first when only one is allowed', () => {
    const change = typeChange(question('multiple', false, true, true), 'single');
    expect(marks(change.options ?? [])).toEqual([false, true, false]);
  });
});

describe('an uploaded picture', () => {
  it('is added to its option, keeping text entered meanwhile', () => {
    const media = { url: '/media/old', alt: 'Written meanwhile' };
    const [first, second] = [newOption('a'), newOption('b', true, media)];
    const asked = { ...newQuestion('single'), options: [first, second] };
    expect(withPicture(asked, second.id, '/media/new').options).toEqual([
      first,
      { ...second, media: { url: '/media/new', alt: 'Written meanwhile' } },
    ]);
    expect(withPicture(asked, 'deleted', '/media/new').options).toEqual(asked.options);
  });
});

describe('a pasted list', () => {
  const question = (): DraftQuestion => ({
    ...newQuestion('single'),
    options: [newOption('kept'), newOption(''), newOption(''), newOption('last')],
  });

  it('fills blank options and inserts the rest where it was pasted', () => {
    const asked = question();
    const change = pasteChange(asked, asked.options[1]?.id ?? '', 'one\n\n two \nthree\n', 200);
    expect(optionTexts(change)).toEqual(['kept', 'one', 'two', 'three', 'last']);
  });

  it('stays a text if it is not a list, is too long, or does not fit', () => {
    const asked = question();
    const id = asked.options[1]?.id ?? '';
    expect(pasteChange(asked, id, 'just a text', 200)).toBeNull();
    expect(pasteChange(asked, id, `short\n${'x'.repeat(201)}`, 200)).toBeNull();
    expect(pasteChange(asked, id, 'line\n'.repeat(MAX_OPTIONS + 1), 200)).toBeNull();
    expect(pasteChange(asked, id, 'x'.repeat(100_000), 200)).toBeNull();
  });

  it('never exceeds the maximum number of options', () => {
    const asked = {
      ...newQuestion('poll'),
      options: Array.from({ length: 12 }, () => newOption()),
    };
    const lines = Array.from({ length: MAX_OPTIONS }, (_, at) => `option ${at}`).join('\n');
    const change = pasteChange(asked, asked.options[5]?.id ?? '', lines, 200);
    expect(change?.options).toHaveLength(MAX_OPTIONS);
    expect(optionTexts(change)).toEqual(lines.split('\n'));
  });
});
