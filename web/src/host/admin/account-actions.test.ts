import { describe, expect, it } from 'vitest';

import type { AccountLine } from '../types';

import { actionsFor } from './account-actions';

const account: AccountLine = {
  id: '1',
  email: 'ada@example.org',
  display_name: 'Ada',
  email_verified: true,
  role: 'host',
  created_at: 1,
  disabled_at: null,
  delete_at: null,
};

describe('admin actions on an account', () => {
  it('are those that would change it', () => {
    expect(actionsFor(account)).toEqual(['sign_out', 'remove_factors', 'make_admin', 'lock']);
    expect(actionsFor({ ...account, role: 'admin', disabled_at: 5 })).toEqual([
      'sign_out',
      'remove_factors',
      'make_host',
      'unlock',
    ]);
  });
});
