import { describe, expect, it } from 'vitest';

import { allows, OFFERED } from './rights';

describe('rights', () => {
  it('include the weaker ones', () => {
    expect(allows('edit', 'control')).toBe(true);
    expect(allows('control', 'control')).toBe(true);
    expect(allows('view', 'control')).toBe(false);
    expect(allows('edit', 'owner')).toBe(false);
  });

  it('are none as long as nothing is known', () => {
    expect(allows(null, 'view')).toBe(false);
    expect(allows(undefined, 'view')).toBe(false);
  });

  it('make nobody an owner of a quiz or a run by an invitation among others', () => {
    expect(OFFERED.quiz).not.toContain('owner');
    expect(OFFERED.run).not.toContain('owner');
  });
});
