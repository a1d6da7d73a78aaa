import { describe, expect, it } from 'vitest';

import { piecesOf } from './pieces';

const HERE = 'http://localhost:8000';
const links = (text: string) => piecesOf(text, HERE).flatMap((piece) => piece.href ?? []);

describe('the text of a mail', () => {
  it('links to this site, and keeps every character', () => {
    const text = `Hello Ada,\n\n${HERE}/host/verify-email#abc-_1\n\nThe link is good for 24 hours.`;
    expect(links(text)).toEqual([`${HERE}/host/verify-email#abc-_1`]);
    expect(
      piecesOf(text, HERE)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  });

  it('links nowhere else', () => {
    for (const elsewhere of [
      'https://evil.example/host',
      'http://localhost:8000.evil.example/',
      'http://localhost:8000@evil.example/',
      'http://localhost:80000/',
      'http://localhost:8001/',
      'javascript:alert(1)',
      'http://',
    ])
      expect(links(`see ${elsewhere} now`), elsewhere).toEqual([]);
  });
});
