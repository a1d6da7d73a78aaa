import { afterEach, describe, expect, it, vi } from 'vitest';

import { wayBack } from '@/session/guard';

import { forgetInvitation, keepInvitation, pendingInvitation } from './pending';

describe('a pending invitation', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    forgetInvitation();
  });

  it('is still there after signing in', () => {
    keepInvitation('a-token');
    expect(pendingInvitation()).toBe('a-token');
    forgetInvitation();
    expect(pendingInvitation()).toBeNull();
  });

  it('has a return path without its token', () => {
    expect(wayBack('/host/invitation')).toBe('/host/invitation');
    expect(wayBack('/host/invitation#a-token')).toBe('/host/quizzes');
  });

  it('tolerates forbidden storage', () => {
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('forbidden');
    });
    expect(() => keepInvitation('a-token')).not.toThrow();
  });
});
