import { describe, expect, it } from 'vitest';

import { correctable, keyOf, moved, rulingOf } from './correction';

const parse = (typed: string): number | null =>
  typed.trim() === '' || Number.isNaN(Number(typed)) ? null : Number(typed);
const question = (type: 'single' | 'number' | 'text' | 'order', solution: unknown) => ({
  type,
  solution,
  options: ['a', 'b', 'c'],
  verdict: 'original' as const,
});

describe('the correction form', () => {
  it('starts with the current solution, and sends it back unchanged', () => {
    for (const asked of [
      question('single', [1]),
      question('order', [2, 0, 1]),
      question('number', { value: 3.5, tolerance: 0.5 }),
      question('text', { accepted: ['Rome', 'Roma'] }),
    ])
      expect(keyOf(asked, rulingOf(asked, String), parse)).toEqual(asked.solution);
  });

  it('sends nothing while incomplete', () => {
    const empty = { verdict: 'key' as const, picks: [], value: '', tolerance: '', accepted: ' \n' };
    expect(keyOf({ type: 'single' }, empty, parse)).toBeNull();
    expect(keyOf({ type: 'text' }, empty, parse)).toBeNull();
    expect(keyOf({ type: 'number' }, empty, parse)).toBeNull();
    expect(keyOf({ type: 'number' }, { ...empty, value: '2', tolerance: '-1' }, parse)).toBeNull();
    expect(keyOf({ type: 'number' }, { ...empty, value: '2' }, parse)).toEqual({
      value: 2,
      tolerance: 0,
    });
  });

  it('moves items step by step, but not beyond the ends', () => {
    expect(moved([2, 0, 1], 0, 1)).toEqual([0, 2, 1]);
    expect(moved([2, 0, 1], 2, -1)).toEqual([2, 1, 0]);
    expect(moved([2, 0, 1], 0, -1)).toEqual([2, 0, 1]);
    expect(moved([2, 0, 1], 2, 1)).toEqual([2, 0, 1]);
  });

  it('is available for questions with a right answer', () => {
    expect(correctable({ type: 'poll' })).toBe(false);
    expect(correctable({ type: 'slide' })).toBe(false);
    expect(correctable({ type: 'order' })).toBe(true);
  });
});
