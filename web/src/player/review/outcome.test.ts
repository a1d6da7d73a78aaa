import { describe, expect, it } from 'vitest';

import { reviewVerdict } from './outcome';

describe('the outcome of an answer', () => {
  it('is what the server has stored', () => {
    expect(reviewVerdict({ answered: true, correct: true, earned: 985 })).toBe('right');
    expect(reviewVerdict({ answered: true, correct: false, earned: 400 })).toBe('partly');
    expect(reviewVerdict({ answered: true, correct: false, earned: 0 })).toBe('wrong');
    expect(reviewVerdict({ answered: false, correct: null, earned: null })).toBe('none');
    expect(reviewVerdict({ answered: true, correct: null, earned: 0 })).toBe('open');
  });
});
