import { describe, expect, it } from 'vitest';

import { largestFit } from './fit';

describe('the largest scale that fits', () => {
  it('is the most where everything fits', () => {
    expect(largestFit(() => true, 0.3, 1.4)).toBe(1.4);
  });

  it('is found to within a hundredth, and fits', () => {
    const scale = largestFit((tried) => tried <= 0.571, 0.3, 1.4);
    expect(scale).toBeLessThanOrEqual(0.571);
    expect(scale).toBeGreaterThan(0.56);
  });

  it('is none where not even the least fits', () => {
    expect(largestFit(() => false, 0.3, 1)).toBeNull();
  });
});
