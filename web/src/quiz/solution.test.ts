import { describe, expect, it } from 'vitest';

import { acceptedTexts, numberSolution, rightOptions } from './solution';

describe('a solution', () => {
  it('of a number has a tolerance', () => {
    expect(numberSolution({ value: 5, tolerance: 0.5 })).toEqual({ value: 5, tolerance: 0.5 });
    expect(numberSolution({ value: 5 })).toEqual({ value: 5, tolerance: 0 });
    expect(numberSolution([0])).toBeNull();
  });

  it('of a text lists the accepted texts', () => {
    expect(acceptedTexts({ accepted: ['Rome', 'Roma'] })).toEqual(['Rome', 'Roma']);
    expect(acceptedTexts(null)).toEqual([]);
  });

  it('of options lists them, in the right order if there is one', () => {
    expect(rightOptions([2, 0, 1])).toEqual([2, 0, 1]);
    expect(rightOptions({ value: 1 })).toBeNull();
    expect(rightOptions(null)).toBeNull();
  });
});
