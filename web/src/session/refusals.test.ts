import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { refusalOf } from './refusals';

describe('a failed sign-in at a provider', () => {
  it('has a text for each error code of the server', () => {
    const source = readFileSync('../gateway/oidc/refusals.py', 'utf8');
    const codes = [...source.matchAll(/^ {4}[A-Z_]+ = "(\w+)"/gm)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => refusalOf(code) !== code)).toEqual([]);
  });

  it('shows nothing else from the address', () => {
    expect(refusalOf('<b>Your account is locked, call 0900…</b>')).toBe('other');
    expect(refusalOf(undefined)).toBeNull();
    expect(refusalOf(['link_first'])).toBeNull();
  });
});
