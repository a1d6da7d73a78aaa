import { describe, expect, it } from 'vitest';

import { lengthOf, limited } from './limit';

describe('a limited text', () => {
  it('is cut at so many characters as the server counts them', () => {
    expect(limited('abc', 3)).toEqual({ text: 'abc', cut: false });
    expect(limited('abcd', 3)).toEqual({ text: 'abc', cut: true });
    expect(limited('🦊🦊🦊', 3)).toEqual({ text: '🦊🦊🦊', cut: false });
    expect(limited('🦊🦊🦊🦊', 3)).toEqual({ text: '🦊🦊🦊', cut: true });
    expect(lengthOf('🦊é')).toBe(2);
  });

  it('takes 100 KB in its stride', () => {
    const { text, cut } = limited('x'.repeat(100_000), 1_000);
    expect([text.length, cut]).toEqual([1_000, true]);
    expect(limited('\u0000'.repeat(100_000), 10)).toEqual({ text: '', cut: true });
  });

  it('has none of the characters that cannot be stored', () => {
    expect(limited('a\u0000b\u0007c\u009fd', 10).text).toBe('abcd');
    expect(limited('one\ntwo\tthree', 20).text).toBe('one\ntwo\tthree');
    expect(limited('half \ud83e', 20).text).toBe('half ');
  });

  it('leaves scripts of all directions alone', () => {
    expect(limited('مرحبا بالعالم', 50).text).toBe('مرحبا بالعالم');
    expect(limited('<script>alert(1)</script>', 50).text).toBe('<script>alert(1)</script>');
  });
});
