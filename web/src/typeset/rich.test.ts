import { describe, expect, it } from 'vitest';

import { isMarked, plainText } from '@/quiz/plain';
import { piecesOf } from './rich';

/** A short form of pieces: plain text, `code`, [code block], (formula), ((display formula)). */
function short(source: string): string {
  return piecesOf(source)
    .map(({ kind, text, block }) => {
      if (kind === 'text') return text;
      if (kind === 'code') return block ? `[${text}]` : `<${text}>`;
      return block ? `((${text}))` : `(${text})`;
    })
    .join('|');
}

describe('code', () => {
  it('in a fenced block keeps its indentation and dollar signs', () => {
    const source =
      'What is printed?\n```python\nfor x in "$a$":\n    print(x)\n\n  done\n```\nThink.';
    expect(short(source)).toBe('What is printed?|[for x in "$a$":\n    print(x)\n\n  done]|Think.');
  });

  it('can be the whole text, or occur twice', () => {
    expect(short('```\na\n```')).toBe('[a]');
    expect(short('```\na\n```\n```js\nb\n```')).toBe('[a]|[b]');
    expect(short('```\r\na\r\n```')).toBe('[a]');
  });

  it('that is not closed is plain text', () => {
    expect(short('```\nfor x')).toBe('```\nfor x');
  });

  it('can be inline', () => {
    expect(short('What does `len($x$)` say?')).toBe('What does |<len($x$)>| say?');
    expect(short('a ` b')).toBe('a ` b');
  });
});

describe('formulas', () => {
  it.each([
    ['$x$', '(x)'],
    ['Solve $x^2 = 4$!', 'Solve |(x^2 = 4)|!'],
    ['$$\\int_0^1 x\\,dx$$', '((\\int_0^1 x\\,dx))'],
    ['$2x + 1$ and $3x$', '(2x + 1)| and |(3x)'],
    ['$\\text{speed of light}$', '(\\text{speed of light})'],
    ['$a \\$ b$', '(a \\$ b)'],
  ])('%s', (source, pieces) => expect(short(source)).toBe(pieces));

  it.each([
    'It costs $5.',
    '$5 or $6?',
    '$5–$10',
    'US$5 and AU$6',
    '5$ or 6$?',
    '5$/m and 6$/m',
    '$5 for two, or 9$',
    'A costs $5, B costs 3$.',
    '$ x $',
    '$$ $$',
    '$x\ny$',
  ])('prices and the like are text: %s', (source) => expect(short(source)).toBe(source));

  it('are plain text when escaped', () => {
    expect(short('\\$x\\$ costs \\`5\\`')).toBe('$x$ costs `5`');
  });

  it('are limited in number', () => {
    expect(piecesOf('$x$ '.repeat(250)).length).toBeLessThan(110);
  });
});

describe('plain texts', () => {
  it.each(['Capital of France?', 'It costs $5.', 'C# \\ Perl', "don't `"])('%s', (text) =>
    expect(isMarked(text)).toBe(false),
  );
});

it('are spoken without markup', () => {
  expect(plainText('Solve $x^2$ for $5 or $6, $$y$$')).toBe('Solve x^2 for $5 or $6, y');
  expect(plainText('What is `x`?\n```js\nx = 1\n```\nIt is not \\$5.')).toBe(
    'What is x?\nx = 1\nIt is not $5.',
  );
});
