import { describe, expect, it } from 'vitest';

import { cellVerdict } from './cells';

const single = { type: 'single', verdict: 'original' } as const;

describe('a cell of the matrix', () => {
  it('shows the verdict on an answer', () => {
    expect(cellVerdict(single, { points: 970, correct: true })).toBe('right');
    expect(cellVerdict(single, { points: 350, correct: false })).toBe('partly');
    expect(cellVerdict(single, { points: 0, correct: false })).toBe('wrong');
    expect(cellVerdict(single, undefined)).toBe('none');
  });

  it('shows no verdict where answers are not judged', () => {
    expect(cellVerdict({ ...single, type: 'poll' }, { points: 0, correct: false })).toBe('open');
    expect(cellVerdict({ ...single, verdict: 'void' }, { points: 0, correct: false })).toBe('open');
    expect(cellVerdict(single, { points: null, correct: null })).toBe('open');
  });

  it('shows a right answer without points as right', () => {
    expect(cellVerdict(single, { points: 0, correct: true })).toBe('right');
  });
});
