import { describe, expect, it } from 'vitest';

import { reveal } from '@/testing/samples';

import { answerBars, answerText, optionResults, solutionText, withOwn } from './answers';

const words = ['True', 'False'] as const;
const number = (value: number) => `n${value}`;
const single = { type: 'single' as const, options: ['Paris', 'Rome'] };
const order = { type: 'order' as const, options: ['first', 'second', 'third'] };
const asked = (type: 'number' | 'text') => ({ type, options: null });

describe('answer bars', () => {
  it('have the marks of the options, and no verdicts before the solution is known', () => {
    expect(answerBars(single, [3, 1], null, words, number)).toEqual([
      { label: 'Paris', count: 3, right: null, mark: 0 },
      { label: 'Rome', count: 1, right: null, mark: 1 },
    ]);
    expect(answerBars(single, [3, 1], [0], words, number).map((bar) => bar.right)).toEqual([
      true,
      false,
    ]);
  });

  it('label true and false in the reader’s language', () => {
    const bars = answerBars({ type: 'boolean', options: null }, [1, 2], [1], words, number);
    expect(bars.map((bar) => [bar.label, bar.right])).toEqual([
      ['True', false],
      ['False', true],
    ]);
  });

  it('show typed answers as given', () => {
    const given = [{ answer: 330, count: 2, correct: true }];
    expect(answerBars(asked('number'), given, { value: 330 }, words, number)).toEqual([
      { label: 'n330', count: 2, right: true },
    ]);
    expect(answerBars(asked('number'), given, null, words, number)[0]?.right).toBeNull();
    const sorted = [{ answer: [2, 0, 1], count: 1, correct: false }];
    expect(answerBars(order, sorted, [0, 1, 2], words, number)[0]).toEqual({
      label: 'third → first → second',
      count: 1,
      right: false,
    });
  });

  it('of polls have no verdicts', () => {
    const poll = { ...single, type: 'poll' as const };
    expect(answerBars(poll, [1, 2], null, words, number).map((bar) => bar.right)).toEqual([
      null,
      null,
    ]);
  });
});

describe('a player’s own answer', () => {
  it('is marked among the options', () => {
    const bars = withOwn(answerBars(single, [4, 1], [0], words), [4, 1], [1]);
    expect(bars.map((bar) => bar.own)).toEqual([false, true]);
  });

  it('is found among typed answers, ignoring case', () => {
    const given = [
      { answer: 'a0', count: 2 },
      { answer: 'a1', count: 1 },
    ];
    const bars = answerBars(asked('text'), given, { accepted: ['a0'] }, words);
    expect(withOwn(bars, given, 'A1').find((bar) => bar.own)?.label).toBe('a1');
    expect(withOwn(bars, given, null).some((bar) => bar.own)).toBe(false);
  });
});

describe('options after the question', () => {
  it('show how many players chose each, and which are right', () => {
    expect(optionResults(['a', 'b', 'c'], reveal())).toEqual([
      { right: false, count: 1, share: 0.25 },
      { right: false, count: 0, share: 0 },
      { right: true, count: 4, share: 1 },
    ]);
  });

  it('have no verdicts in a poll', () => {
    const poll = reveal({ solution: null, distribution: [0, 0] });
    expect(optionResults(['a', 'b'], poll)).toEqual([
      { right: null, count: 0, share: 0 },
      { right: null, count: 0, share: 0 },
    ]);
  });
});

describe('an answer as text', () => {
  it('consists of its options', () => {
    expect(answerText(single, 1, words, number)).toBe('Rome');
    expect(answerText({ ...single, type: 'multiple' }, [0, 1], words, number)).toBe('Paris, Rome');
    expect(answerText({ type: 'boolean' }, 0, words, number)).toBe('True');
    expect(answerText(asked('text'), 'the Seine', words, number)).toBe('the Seine');
    expect(answerText(single, 9, words, number)).toBe('?');
  });
});

describe('a solution as text', () => {
  it('depends on the type', () => {
    expect(solutionText(single, [0], words, number)).toBe('Paris');
    expect(solutionText(order, [2, 1, 0], words, number)).toBe('third → second → first');
    expect(solutionText(asked('number'), { value: 7, tolerance: 0 }, words, number)).toBe('n7');
    expect(solutionText(asked('number'), { value: 7, tolerance: 2 }, words, number)).toBe(
      'n7 ± n2',
    );
    expect(solutionText(asked('text'), { accepted: ['a', 'b'] }, words, number)).toBe('a / b');
    expect(solutionText({ type: 'slide' }, null, words, number)).toBeNull();
  });
});
