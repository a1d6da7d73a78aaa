import { describe, expect, it } from 'vitest';

import { opensAt, showsAt } from './moments';

const read = { shows_at: 1_000, opens_at: 6_000, paused_ms: 0 };

describe('the moments of a question', () => {
  it('are when it is shown and when its answers open', () => {
    expect([showsAt(read), opensAt(read)]).toEqual([1_000, 6_000]);
    expect([showsAt({ opens_at: 6_000, paused_ms: 0 }), showsAt(null)]).toEqual([6_000, null]);
  });

  it('move with pauses', () => {
    expect(opensAt({ ...read, paused_ms: 500 })).toBe(6_500);
    expect(showsAt({ ...read, paused_ms: 500 })).toBe(1_500);
  });

  it('are unknown while the run is paused before the answers open', () => {
    expect(opensAt({ ...read, reading: true })).toBeNull();
    expect(showsAt({ ...read, reading: true })).toBe(1_000);
  });
});
