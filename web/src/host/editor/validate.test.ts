import { describe, expect, it } from 'vitest';

import { newOption, newQuestion, type Draft, type DraftQuestion } from './draft';
import { problemsIn, problemsOf } from './validate';

const right: DraftQuestion = {
  ...newQuestion('single'),
  text: 'Capital of France?',
  options: [newOption('Paris', true), newOption('Rome')],
};
const draft = (...questions: DraftQuestion[]): Draft => ({
  title: 'Capitals',
  language: 'en',
  questions,
});
const keys = (change: Partial<DraftQuestion>): string[] =>
  problemsIn({ ...right, ...change }).map((problem) => `${problem.field}: ${problem.key}`);

describe('problems of a quiz', () => {
  it('do not exist when it is complete', () => {
    expect(problemsOf(draft(right))).toEqual([]);
  });

  it('are a missing title or question', () => {
    expect(problemsOf({ ...draft(right), title: '  ' })).toMatchObject([{ key: 'title_missing' }]);
    expect(problemsOf(draft())).toMatchObject([{ key: 'questions_missing', question: null }]);
  });

  it('include the index of the question', () => {
    expect(problemsOf(draft(right, { ...right, text: '' }))).toEqual([
      { question: 1, field: 'text', key: 'text_missing' },
    ]);
  });
});

describe('a question needs', () => {
  it('a text', () => {
    expect(keys({ text: ' \n ' })).toEqual(['text: text_missing']);
    expect(keys({ text: 'x'.repeat(1001) })).toEqual(['text: too_long']);
    // counted in code points, as the server does
    expect(keys({ text: '🦊'.repeat(1000) })).toEqual([]);
  });

  it('a second option', () => {
    expect(keys({ options: [newOption('Paris', true), newOption(' ')] })).toEqual([
      'options: options_few',
    ]);
  });

  it('a right answer, and its text', () => {
    expect(keys({ options: [newOption('a'), newOption('b')] })).toEqual([
      'correct: correct_missing',
    ]);
    const blank = newOption('', true);
    expect(keys({ options: [newOption('a'), newOption('b'), blank] })).toEqual([
      `option.${blank.id}: correct_blank`,
    ]);
  });

  it('distinct options', () => {
    const twin = newOption(' Paris ');
    expect(keys({ options: [newOption('Paris', true), newOption('Rome'), twin] })).toEqual([
      `option.${twin.id}: option_twice`,
    ]);
  });

  it('the truth of a statement', () => {
    expect(keys({ type: 'boolean' })).toEqual(['correct: truth_missing']);
    expect(keys({ type: 'boolean', truth: false })).toEqual([]);
  });

  it('a number', () => {
    expect(keys({ type: 'number' })).toEqual(['value: value_missing']);
    expect(keys({ type: 'number', value: 'seven' })).toEqual(['value: number_shape']);
    expect(keys({ type: 'number', value: '7', tolerance: '-1' })).toEqual([
      'tolerance: tolerance_shape',
    ]);
    expect(keys({ type: 'number', value: '1.8,22', tolerance: '' })).toEqual([
      'value: number_shape',
    ]);
    expect(keys({ type: 'number', value: '1822,5', tolerance: '' })).toEqual([]);
  });

  it('an accepted text with something to compare', () => {
    expect(keys({ type: 'text', accepted: ['', ' '] })).toEqual(['accepted: accepted_missing']);
    expect(keys({ type: 'text', accepted: ['Paris', '?!'] })).toEqual([
      'accepted.1: accepted_signs',
    ]);
    expect(keys({ type: 'text', accepted: ['東京'] })).toEqual([]);
  });

  it('a valid picture URL', () => {
    const at = (url: string) => keys({ media: { url, alt: '' } });
    expect(at('https://example.com/a.png')).toEqual([]);
    expect(at('/media/9f86d081')).toEqual([]);
    for (const url of ['', 'example.com/a.png', 'javascript:alert(1)', 'https://a b'])
      expect(at(url), url).toEqual(['media.url: url_shape']);
  });

  it('a transcript of its sound, within the server’s limit', () => {
    const at = (text: string) => keys({ audio: { url: '/media/a', text, duration_ms: null } });
    expect(at('')).toEqual([]);
    expect(at('x'.repeat(1000))).toEqual([]);
    expect(at('x'.repeat(1001))).toEqual(['audio.text: too_long']);
  });

  it('a time limit and points within bounds', () => {
    for (const time of ['', '4', '241', '7.5', 'long'])
      expect(keys({ time_limit_s: time }), time).toEqual(['time_limit_s: time_limit_s_range']);
    expect(keys({ points: '2001' })).toEqual(['points: points_range']);
    expect(keys({ points: '0' })).toEqual([]);
    // polls have no points
    expect(keys({ type: 'poll', points: 'none' })).toEqual([]);
  });
});
