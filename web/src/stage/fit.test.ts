import { describe, expect, it } from 'vitest';

import { largestFit } from './fit';

describe('the largest scale that fits', () => {
  it('is the maximum where everything fits', () => {
    expect(largestFit(() => true, 0.3, 1.4)).toBe(1.4);
  });

  it('is found to within a hundredth', () => {
    const scale = largestFit((tried) => tried <= 0.571, 0.3, 1.4);
    expect(scale).toBeLessThanOrEqual(0.571);
    expect(scale).toBeGreaterThan(0.56);
  });

  it('does not exist when even the minimum does not fit', () => {
    expect(largestFit(() => false, 0.3, 1)).toBeNull();
  });
});
