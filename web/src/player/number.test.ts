import { describe, expect, it } from 'vitest';

import { parseNumber } from './number';

describe('a number as people type it', () => {
  it.each([
    ['42', 42],
    [' 1 822 ', 1822],
    ['3,14', 3.14],
    ['3.14', 3.14],
    ['.5', 0.5],
    ['-7', -7],
    ['−7', -7],
    ['+7', 7],
    ['1’000', 1000],
    ['１２', 12],
    ['1e3', null],
    ['', null],
    ['twelve', null],
    ['1.2.3', null],
    ['9'.repeat(30), null],
    ['0x10', null],
    ['1'.repeat(100_000), null],
  ])('%j is %j', (typed, value) => {
    expect(parseNumber(typed)).toBe(value);
  });
});
