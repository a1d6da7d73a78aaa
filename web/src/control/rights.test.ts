import { describe, expect, it } from 'vitest';

import { allows, OFFERED } from './rights';

describe('rights', () => {
  it('include the weaker ones', () => {
    expect(allows('edit', 'control')).toBe(true);
    expect(allows('control', 'control')).toBe(true);
    expect(allows('view', 'control')).toBe(false);
    expect(allows('edit', 'owner')).toBe(false);
  });

  it('are none while unknown', () => {
    expect(allows(null, 'view')).toBe(false);
    expect(allows(undefined, 'view')).toBe(false);
  });

  it('never include ownership of a quiz or a run through an invitation', () => {
    expect(OFFERED.quiz).not.toContain('owner');
    expect(OFFERED.run).not.toContain('owner');
  });
});
