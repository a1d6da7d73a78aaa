import { describe, expect, it } from 'vitest';

import type { OwnResult } from '@/protocol/messages';

import { verdictOf } from './verdict';

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

  it('is none without an answer, and open where nothing is right', () => {
    expect(verdictOf('single', result({ correct: false }), false)).toBe('none');
    expect(verdictOf('poll', result({}), true)).toBe('open');
    expect(verdictOf('slide', result({}), false)).toBe('slide');
  });

  it('excuses players who joined after the question', () => {
    expect(verdictOf('single', undefined, false)).toBe('late');
  });
});
