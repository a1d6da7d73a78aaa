import { describe, expect, it } from 'vitest';

import { newOption, newQuestion, TYPES, type DraftQuestion } from '../draft';
import { sampleOf } from './sample';

const standIns = { text: 'No text', option: (number: number) => `Option ${number}`, other: 'Else' };
const sample = (change: Partial<DraftQuestion>) =>
  sampleOf({ ...newQuestion('single'), ...change }, 2, 5, standIns);
const options = [newOption(' Paris ', true), newOption(''), newOption('Rome'), newOption('Oslo')];

describe('a question in a preview', () => {
  it('is what players receive: without blanks and without its solution', () => {
    const { asked } = sample({ text: ' Where? ', options, explanation: 'There.', points: '500' });
    expect(asked).toMatchObject({
      question: 2,
      question_count: 5,
      type: 'single',
      text: 'Where?',
      options: ['Paris', 'Rome', 'Oslo'],
      option_media: null,
      media: null,
      points: 500,
      time_limit_ms: 20_000,
    });
    expect(JSON.stringify(asked)).not.toContain('There.');
  });

  it.each(TYPES)('has stand-ins where a %s is blank', (type) => {
    const { asked, reveal } = sampleOf(newQuestion(type), 0, 1, standIns);
    expect(asked.text).toBe('No text');
    const listed = ['single', 'multiple', 'order', 'poll'].includes(type);
    expect(asked.options?.length ?? 0).toBe(listed ? 2 : 0);
    expect(reveal.explanation).toBeNull();
  });

  it('has pictures for options, each with a description', () => {
    const media = { url: '/media/a', alt: '' };
    const { asked } = sample({ options: [newOption('', true, media), newOption('Rome')] });
    expect(asked.options).toEqual(['Option 1', 'Rome']);
    expect(asked.option_media).toEqual([{ url: '/media/a', alt: 'Option 1' }, null]);
  });

  it('can be asked by a picture alone, if its URL is valid', () => {
    const media = { url: ' https://example.com/a.png ', alt: 'A tower' };
    expect(sample({ media }).asked).toMatchObject({
      text: '',
      media: { url: 'https://example.com/a.png' },
    });
    expect(sample({ media: { ...media, url: 'exam' } }).asked.media).toBeNull();
  });

  it('uses the default time limit and points for invalid input', () => {
    const { asked } = sample({ time_limit_s: '999', points: '' });
    expect(asked).toMatchObject({ time_limit_ms: 20_000, points: 1000 });
    expect(sample({ type: 'poll' }).asked.points).toBe(0);
  });
});

describe('a reveal in a preview', () => {
  it('marks the solution, with counts for all options', () => {
    const { reveal } = sample({ options });
    expect(reveal.solution).toEqual([0]);
    expect(reveal.distribution).toEqual([12, 6, 4]);
    const multiple = options.map((option) => ({ ...option, correct: option.text !== 'Oslo' }));
    expect(sample({ type: 'multiple', options: multiple }).reveal.solution).toEqual([0, 1]);
    expect(sample({ type: 'boolean', truth: false }).reveal).toMatchObject({
      solution: [1],
      distribution: [6, 12],
    });
  });

  it('marks nothing without a solution, and never in a poll', () => {
    const blank = options.map((option) => ({ ...option, correct: false }));
    expect(sample({ options: blank }).reveal.solution).toBeNull();
    expect(sample({ type: 'boolean' }).reveal.solution).toBeNull();
    expect(sample({ type: 'poll', options }).reveal).toMatchObject({
      solution: null,
      distribution: [9, 7, 5],
    });
  });

  it('puts shuffled items into the right order', () => {
    const { asked, reveal } = sample({ type: 'order', options });
    expect(asked.options).not.toEqual(['Paris', 'Rome', 'Oslo']);
    const order = reveal.solution as number[];
    expect(order.map((at) => asked.options?.[at])).toEqual(['Paris', 'Rome', 'Oslo']);
  });

  it('shows a number with its tolerance, and a wrong one', () => {
    const { reveal } = sample({ type: 'number', value: '1822,5', tolerance: '5' });
    expect(reveal.solution).toEqual({ value: 1822.5, tolerance: 5 });
    const [, wrong] = reveal.distribution as { answer: number; correct: boolean }[];
    expect(Math.abs((wrong?.answer ?? 0) - 1822.5)).toBeGreaterThan(5);
    expect(wrong?.correct).toBe(false);
    expect(sample({ type: 'number', value: 'many' }).reveal.distribution).toEqual([]);
  });

  it('shows all accepted texts', () => {
    const { reveal } = sample({ type: 'text', accepted: ['Paris', ' ', 'Lutetia'] });
    expect(reveal.solution).toEqual({ accepted: ['Paris', 'Lutetia'] });
    expect(reveal.distribution).toEqual([
      { answer: 'Paris', count: 12, correct: true },
      { answer: 'Lutetia', count: 9, correct: true },
      { answer: 'Else', count: 4, correct: false },
    ]);
  });
});
