import { describe, expect, it } from 'vitest';

import { cleanPin, isPin } from './pin';

describe('a PIN as people type or paste it', () => {
  it.each([
    '886860',
    ' 886 860 ',
    '886-860',
    '886–860',
    '886\u00a0860',
    '\u2068886 860\u2069',
    '\u200e886860\u200f',
    '８８６８６０',
    'PIN: 886 860',
    'PIN 886860',
    'Code PIN : 886 860',
    'Quiz PIN\n886 860',
    'https://quiz.example.org/join/886860',
    'quiz.example.org/join/886860/?lang=de',
    'Join at http://192.168.1.20:8000/join/886860 !',
  ])('%j is 886860', (typed) => {
    expect(cleanPin(typed)).toBe('886860');
  });

  it.each(['', '1', '123456789', 'abcdef', '12 34x5', 'https://quiz.example.org/join/12'])(
    '%j is none',
    (typed) => {
      expect(isPin(cleanPin(typed))).toBe(false);
    },
  );
});
