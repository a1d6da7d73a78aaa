import { describe, expect, it } from 'vitest';

import { lengthOf, limited } from './limit';

describe('a limited text', () => {
  it('is truncated by the server’s count of characters', () => {
    expect(limited('abc', 3)).toEqual({ text: 'abc', cut: false });
    expect(limited('abcd', 3)).toEqual({ text: 'abc', cut: true });
    expect(limited('🦊🦊🦊', 3)).toEqual({ text: '🦊🦊🦊', cut: false });
    expect(limited('🦊🦊🦊🦊', 3)).toEqual({ text: '🦊🦊🦊', cut: true });
    expect(lengthOf('🦊é')).toBe(2);
  });

  it('handles 100 KB quickly', () => {
    const { text, cut } = limited('x'.repeat(100_000), 1_000);
    expect([text.length, cut]).toEqual([1_000, true]);
    expect(limited('\u0000'.repeat(100_000), 10)).toEqual({ text: '', cut: true });
  });

  it('contains no characters that cannot be stored', () => {
    expect(limited('a\u0000b\u0007c\u009fd', 10).text).toBe('abcd');
    expect(limited('one\ntwo\tthree', 20).text).toBe('one\ntwo\tthree');
    expect(limited('half \ud83e', 20).text).toBe('half ');
  });

  it('leaves all scripts unchanged', () => {
    expect(limited('مرحبا بالعالم', 50).text).toBe('مرحبا بالعالم');
    expect(limited('<script>alert(1)</script>', 50).text).toBe('<script>alert(1)</script>');
  });
});
