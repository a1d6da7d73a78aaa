import { describe, expect, it } from 'vitest';

import {
  parseNumber,
  readNumber,
  storedNumber,
  typedNumber,
  valueOfStored,
  writeNumber,
} from './number';

describe('a typed number', () => {
  it.each([
    ['42', 42],
    [' 1 822 ', 1822],
    ['3,14', 3.14],
    ['3.14', 3.14],
    ['.5', 0.5],
    ['5.', 5],
    ['-7', -7],
    ['−7', -7],
    ['+7', 7],
    ['1’000', 1000],
    ['１２', 12],
    ['٣٫٥', 3.5],
    ['۱۲', 12],
    ['1,234,567', 1_234_567],
    ['1.234.567', 1_234_567],
    ['12,34,567', 1_234_567],
    ['1,234.5', 1234.5],
    ['1.234,5', 1234.5],
    ['0,849', 0.849],
    ['0.125', 0.125],
    ['\u206842\u2069', 42],
    ['1e3', null],
    ['', null],
    ['-', null],
    ['.', null],
    ['twelve', null],
    ['1.2.3', null],
    ['1,2.3', null],
    ['1.234,5,6', null],
    ['9'.repeat(30), null],
    ['0x10', null],
    ['1'.repeat(100_000), null],
  ])('%j is %j in any language', (typed, value) => {
    for (const language of ['en', 'de', 'fr', 'es', '', 'no such'])
      expect(parseNumber(typed, language)).toBe(value);
  });

  it.each([
    ['8,849', 'en', 8849, 8.849],
    ['8.849', 'en', 8.849, 8849],
    ['8,849', 'de', 8.849, 8849],
    ['10.000', 'de', 10_000, 10],
    ['10,000', 'en', 10_000, 10],
    ['-10,000', 'en', -10_000, -10],
    ['8,849', 'fr', 8.849, 8849],
    ['10.000', 'es', 10_000, 10],
  ])('%j in %s is %d, and might be %d', (typed, language, value, other) => {
    expect(readNumber(typed, language)).toEqual({ value, other });
  });
});

describe('a formatted number', () => {
  it('follows the language, and parses back to the same value', () => {
    expect(writeNumber(8849, 'en')).toBe('8,849');
    expect(writeNumber(3.14, 'de')).toBe('3,14');
    expect(writeNumber(8849, 'en', true)).toBe('8849');
    for (const language of ['en', 'de', 'fr', 'es'])
      for (const value of [8849, 8.849, -0.5, 10_000, 1234.5, 1e15])
        expect(parseNumber(writeNumber(value, language, true), language)).toBe(value);
  });
});

describe('a number in a draft', () => {
  it('keeps its value in every language', () => {
    const stored = storedNumber('8,849', 'de');
    expect(valueOfStored(stored)).toBe(8.849);
    expect(typedNumber(stored, 'de')).toBe('8,849');
    expect(typedNumber(stored, 'en')).toBe('8.849');
    expect(storedNumber(typedNumber('0.0000001', 'fr'), 'fr')).toBe('1e-7');
  });

  it('is kept as typed while invalid', () => {
    expect(storedNumber('about 5', 'en')).toBe('about 5');
    expect(valueOfStored('about 5')).toBeNull();
    expect(typedNumber('about 5', 'de')).toBe('about 5');
  });
});
