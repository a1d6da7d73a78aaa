import { describe, expect, it } from 'vitest';

import { question, reveal } from '@/testing/samples';

import {
  acceptedTexts,
  numberSolution,
  optionResults,
  rightOrder,
  shapeOf,
  typedResults,
} from './results';

describe('what a reveal says', () => {
  it('of options: how many took each, and which are right', () => {
    expect(optionResults(['a', 'b', 'c'], reveal())).toEqual([
      { right: false, count: 1, share: 0.25 },
      { right: false, count: 0, share: 0 },
      { right: true, count: 4, share: 1 },
    ]);
  });

  it('of polls: no option is right or wrong', () => {
    const poll = reveal({ solution: null, distribution: [0, 0] });
    expect(optionResults(['a', 'b'], poll)).toEqual([
      { right: null, count: 0, share: 0 },
      { right: null, count: 0, share: 0 },
    ]);
  });

  it('of typed answers: the most frequent, marked where it is known', () => {
    const typed = reveal({
      solution: { accepted: ['Blue whale', 'Whale'] },
      distribution: [
        { answer: 'whale', count: 3, correct: true },
        { answer: 'cow', count: 1, correct: false },
        { answer: 'ox', count: 1 },
      ],
    });
    expect(acceptedTexts(typed)).toEqual(['Blue whale', 'Whale']);
    expect(typedResults(typed, 2)).toEqual([
      { label: 'whale', count: 3, right: true },
      { label: 'cow', count: 1, right: false },
    ]);
    expect(typedResults(typed, 9)[2]?.right).toBeNull();
  });

  it('of numbers: the value, and how far off it may be', () => {
    expect(numberSolution(reveal({ solution: { value: 330, tolerance: 10 } }))).toEqual({
      value: 330,
      tolerance: 10,
    });
    expect(numberSolution(reveal())).toBeNull();
  });

  it('of orders: the options as shown, in the right order', () => {
    expect(rightOrder(reveal({ solution: [2, 0, 1] }))).toEqual([2, 0, 1]);
    expect(rightOrder(reveal({ solution: { value: 1 } }))).toBeNull();
  });

  it.each([
    ['single', 'options'],
    ['poll', 'options'],
    ['number', 'typed'],
    ['order', 'order'],
    ['slide', 'slide'],
  ] as const)('of %s is shown as %s', (type, shape) => {
    expect(shapeOf(question({ type }))).toBe(shape);
  });
});
