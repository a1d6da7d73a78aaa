import { describe, expect, it } from 'vitest';

import type { OwnResult, Question, RevealFields } from '@/protocol/messages';

import { acceptedTexts, barsOf, numberSolution, verdictOf } from './result';

const result = (changes: Partial<OwnResult>): OwnResult => ({
  correct: null,
  points: 0,
  score: 0,
  rank: 1,
  streak: 0,
  ...changes,
});

describe('the verdict on an answer', () => {
  it('is right, partly right or wrong', () => {
    expect(verdictOf('single', result({ correct: true, points: 900 }), true)).toBe('right');
    expect(verdictOf('multiple', result({ correct: false, points: 300 }), true)).toBe('partly');
    expect(verdictOf('text', result({ correct: false }), true)).toBe('wrong');
  });

  it('is none without an answer, and neither where nothing is right', () => {
    expect(verdictOf('single', result({ correct: false }), false)).toBe('none');
    expect(verdictOf('poll', result({}), true)).toBe('open');
    expect(verdictOf('slide', result({}), false)).toBe('slide');
  });

  it('spares who has come after the question', () => {
    expect(verdictOf('single', undefined, false)).toBe('late');
  });
});

const question = (type: Question['type'], options?: string[]): Question => ({
  question: 0,
  question_count: 1,
  type,
  text: '?',
  ...(options ? { options } : {}),
  points: 1000,
  time_limit_ms: 20_000,
  opens_at: 0,
  closes_at: 20_000,
});
const reveal = (solution: unknown, distribution: unknown[]): RevealFields => ({
  question: 0,
  solution,
  distribution,
  leaderboard: [],
});

describe('what everyone answered', () => {
  it('marks right options and the own ones', () => {
    const options = ['A', 'B', 'C'];
    const bars = barsOf(reveal([0, 2], [4, 1, 0]), question('multiple', options), options, [0, 1]);
    expect(bars.map((bar) => [bar.label, bar.count, bar.right, bar.own])).toEqual([
      ['A', 4, true, true],
      ['B', 1, false, true],
      ['C', 0, true, false],
    ]);
  });

  it('lists the most frequent free answers, few of them', () => {
    const given = Array.from({ length: 10 }, (_, index) => ({
      answer: `a${index}`,
      count: 10 - index,
    }));
    const bars = barsOf(reveal({ accepted: ['a0'] }, given), question('text'), [], 'A1');
    expect(bars).toHaveLength(5);
    expect(bars.find((bar) => bar.own)?.label).toBe('a1');
  });

  it('has nothing to mark in a poll', () => {
    const bars = barsOf(reveal(null, [1, 2]), question('poll', ['A', 'B']), ['A', 'B'], 1);
    expect(bars.map((bar) => bar.right)).toEqual([null, null]);
  });
});

describe('a solution', () => {
  it('of a number has a tolerance', () => {
    expect(numberSolution({ value: 5, tolerance: 0.5 })).toEqual({ value: 5, tolerance: 0.5 });
    expect(numberSolution({ value: 5 })).toEqual({ value: 5, tolerance: 0 });
    expect(numberSolution([0])).toBeNull();
  });

  it('of a text lists what is accepted', () => {
    expect(acceptedTexts({ accepted: ['Rome', 'Roma'] })).toEqual(['Rome', 'Roma']);
    expect(acceptedTexts(null)).toEqual([]);
  });
});
