/** The actions an admin can take on an account. */
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

/** The actions that would change this account. */
export function actionsFor({ role, disabled_at }: AccountLine): AccountAction[] {
  return [
    'sign_out',
    'remove_factors',
    role === 'admin' ? 'make_host' : 'make_admin',
    disabled_at === null ? 'lock' : 'unlock',
  ];
}

/** The updated account; `null` if nothing visible changes. */
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
