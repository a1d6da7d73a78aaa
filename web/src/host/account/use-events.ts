/** The account's log with cursor pagination. */
import { computed, shallowRef } from 'vue';

import { api } from '@/api/client';
import { ApiError } from '@/api/problem';
import { ask } from '@/session/ask';

import type { EventView } from '../types';

const PAGE = 20;

export function useEvents() {
  const items = shallowRef<readonly EventView[] | null>(null);
  const next = shallowRef<number | null>(null);
  const error = shallowRef<string | null>(null);
  const busy = shallowRef(false);

  async function more(): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    error.value = null;
    try {
      const query = { limit: PAGE, ...(next.value === null ? {} : { before: next.value }) };
      const page = await ask(() => api.GET('/api/v1/me/events', { params: { query } }));
      items.value = [...(items.value ?? []), ...page.events];
      next.value = page.next;
    } catch (failure) {
      error.value = failure instanceof ApiError ? failure.code : 'internal';
    } finally {
      busy.value = false;
    }
  }

  return { items, error, busy, more, hasMore: computed(() => next.value !== null) };
}
