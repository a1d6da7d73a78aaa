/** What an admin can do to an account. */
import { api } from '@/api/client';
import { ask } from '@/session/ask';

import type { AccountLine } from '../types';

export type AccountAction =
  'lock' | 'unlock' | 'make_admin' | 'make_host' | 'sign_out' | 'remove_factors';

const CHANGES = {
  lock: { disabled: true },
  unlock: { disabled: false },
  make_admin: { role: 'admin' },
  make_host: { role: 'host' },
} as const;

/** Those that make a difference to it. */
export function actionsFor({ role, disabled_at }: AccountLine): AccountAction[] {
  return [
    'sign_out',
    'remove_factors',
    role === 'admin' ? 'make_host' : 'make_admin',
    disabled_at === null ? 'lock' : 'unlock',
  ];
}

/** The account as it is then; `null` where nothing about it is shown otherwise. */
export async function carryOut(
  action: AccountAction,
  account_id: string,
): Promise<AccountLine | null> {
  const params = { path: { account_id } };
  if (action === 'sign_out') {
    await ask(() => api.DELETE('/api/v1/admin/accounts/{account_id}/sessions', { params }));
    return null;
  }
  if (action === 'remove_factors') {
    await ask(() => api.DELETE('/api/v1/admin/accounts/{account_id}/factors', { params }));
    return null;
  }
  const body = CHANGES[action];
  return ask(() => api.PATCH('/api/v1/admin/accounts/{account_id}', { params, body }));
}
