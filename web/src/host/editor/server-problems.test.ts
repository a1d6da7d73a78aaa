import { describe, expect, it } from 'vitest';

import { newOption, newQuestion, type Draft } from './draft';
import { fromServer } from './server-problems';

const rome = newOption('Rome');
const draft: Draft = {
  title: 'T',
  language: 'en',
  questions: [
    { ...newQuestion('single'), options: [newOption(' '), newOption('Paris'), rome] },
    { ...newQuestion('text'), accepted: ['', 'one', 'two'] },
    { ...newQuestion('number') },
  ],
};
const placed = (question: number | undefined, field: string) => {
  const [problem] = fromServer([{ question: question ?? null, field, message: 'no' }], draft);
  return [problem?.question, problem?.field];
};

describe('problems found by the server', () => {
  it('are shown at their option, though blank ones were not sent', () => {
    expect(placed(0, 'options.1')).toEqual([0, `option.${rome.id}`]);
    expect(placed(0, 'options')).toEqual([0, 'options']);
    expect(placed(0, 'correct')).toEqual([0, 'correct']);
  });

  it('are shown at their accepted text', () => {
    expect(placed(1, 'correct.accepted.1')).toEqual([1, 'accepted.2']);
    expect(placed(1, 'correct.accepted')).toEqual([1, 'accepted']);
  });

  it('are shown at the parts of a number', () => {
    expect(placed(2, 'correct.value')).toEqual([2, 'value']);
    expect(placed(2, 'correct.tolerance')).toEqual([2, 'tolerance']);
  });

  it('are shown at other fields by name, and without an index for the quiz itself', () => {
    expect(placed(2, 'media.url')).toEqual([2, 'media.url']);
    expect(placed(undefined, 'title')).toEqual([null, 'title']);
    expect(placed(undefined, 'document')).toEqual([null, 'title']);
    expect(placed(99, 'text')).toEqual([null, 'text']);
  });
});
