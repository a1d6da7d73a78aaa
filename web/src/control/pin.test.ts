import { describe, expect, it } from 'vitest';

import { groupedPin } from './pin';

describe('a PIN', () => {
  it('is grouped in halves that keep their order in right-to-left text, too', () => {
    expect(groupedPin('482913')).toBe('\u2066482\u2009913\u2069');
    expect(groupedPin('4829137').replace(/\D/g, '')).toBe('4829137');
  });
});
