import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { refusalOf } from './refusals';

describe('a sign-in that a provider ended', () => {
  it('has a sentence of its own for each code of the server', () => {
    const source = readFileSync('../gateway/oidc/refusals.py', 'utf8');
    const codes = [...source.matchAll(/^ {4}[A-Z_]+ = "(\w+)"/gm)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => refusalOf(code) !== code)).toEqual([]);
  });

  it('shows nothing of what else an address may hold', () => {
    expect(refusalOf('<b>Your account is locked, call 0900…</b>')).toBe('other');
    expect(refusalOf(undefined)).toBeNull();
    expect(refusalOf(['link_first'])).toBeNull();
  });
});
