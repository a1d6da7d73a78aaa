import { describe, expect, it } from 'vitest';

import { wayBack } from './guard';

describe('the redirect after signing in', () => {
  it('leads to the requested page', () => {
    expect(wayBack('/host/runs/0b6c2d34-6a0c')).toBe('/host/runs/0b6c2d34-6a0c');
    expect(wayBack('/screen/0b6c2d34-6a0c')).toBe('/screen/0b6c2d34-6a0c');
  });

  it('never leaves this site', () => {
    for (const next of [
      undefined,
      ['/host/runs'],
      '//evil.example/host/',
      'https://evil.example',
      '/host/../../evil',
      '/host//evil.example',
      '/host/\\evil.example',
      '/play/1',
      'javascript:alert(1)',
    ])
      expect(wayBack(next), String(next)).toBe('/host/quizzes');
  });
});
