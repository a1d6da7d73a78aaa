/** Accepts an invitation and redirects. */
import { computed, reactive, shallowRef } from 'vue';
import type { RouteLocationRaw } from 'vue-router';

import { api } from '@/api/client';
import { ApiError } from '@/api/problem';
import type { components } from '@/protocol/http';
import { ask } from '@/session/ask';

import { forgetInvitation } from './pending';

type Offer = components['schemas']['Offer'];

export function useAcceptance(token: () => string | null) {
  const accepted = shallowRef<Offer | null>(null);
  const error = shallowRef<string | null>(null);
  const busy = shallowRef(false);

  async function accept(): Promise<void> {
    busy.value = true;
    error.value = null;
    try {
      const body = { token: token() ?? '' };
      accepted.value = await ask(() => api.POST('/api/v1/invitations/accept', { body }));
      forgetInvitation();
    } catch (failure) {
      error.value = failure instanceof ApiError ? failure.code : 'internal';
    } finally {
      busy.value = false;
    }
  }

  function reset(): void {
    accepted.value = null;
    error.value = null;
  }

  const next = computed(() => (accepted.value ? wayTo(accepted.value) : { name: 'quizzes' }));
  return reactive({ accepted, error, busy, next, accept, reset });
}

/** The route of what was shared. */
export function wayTo({ kind, target_id, right }: Offer): RouteLocationRaw {
  if (kind === 'run') return { name: 'console', params: { run: target_id } };
  if (kind === 'team') return { name: 'teams' };
  if (right === 'owner') return { name: 'quizzes' };
  return { name: 'quizzes', query: { show: 'shared' } };
}
