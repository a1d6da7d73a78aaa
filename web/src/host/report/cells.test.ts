import { describe, expect, it } from 'vitest';

import { cellVerdict } from './cells';

const single = { type: 'single', verdict: 'original' } as const;

describe('a cell of the matrix', () => {
  it('says what an answer came to', () => {
    expect(cellVerdict(single, { points: 970, correct: true })).toBe('right');
    expect(cellVerdict(single, { points: 350, correct: false })).toBe('partly');
    expect(cellVerdict(single, { points: 0, correct: false })).toBe('wrong');
    expect(cellVerdict(single, undefined)).toBe('none');
  });

  it('judges nothing where nothing is right or wrong', () => {
    expect(cellVerdict({ ...single, type: 'poll' }, { points: 0, correct: false })).toBe('open');
    expect(cellVerdict({ ...single, verdict: 'void' }, { points: 0, correct: false })).toBe('open');
    expect(cellVerdict(single, { points: null, correct: null })).toBe('open');
  });

  it('takes a right answer without points for right', () => {
    expect(cellVerdict(single, { points: 0, correct: true })).toBe('right');
  });
});
