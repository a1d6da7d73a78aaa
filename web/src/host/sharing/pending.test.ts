import { afterEach, describe, expect, it, vi } from 'vitest';

import { wayBack } from '@/session/guard';

import { forgetInvitation, keepInvitation, pendingInvitation } from './pending';

describe('an invitation that is being answered', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    forgetInvitation();
  });

  it('is there again after signing in', () => {
    keepInvitation('a-token');
    expect(pendingInvitation()).toBe('a-token');
    forgetInvitation();
    expect(pendingInvitation()).toBeNull();
  });

  it('has a way back that carries no token', () => {
    expect(wayBack('/host/invitation')).toBe('/host/invitation');
    expect(wayBack('/host/invitation#a-token')).toBe('/host/quizzes');
  });

  it('breaks nothing where the browser forbids storage', () => {
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('forbidden');
    });
    expect(() => keepInvitation('a-token')).not.toThrow();
  });
});
