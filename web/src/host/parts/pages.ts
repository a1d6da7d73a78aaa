/** A paginated list; each page is appended. */
import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue';

import { ApiError } from '@/api/problem';

export interface Page<T> {
  items: T[];
  total: number;
}

export interface Paged<T> {
  items: Readonly<ShallowRef<readonly T[]>>;
  /** Total number of items; `null` while unknown. */
  total: Readonly<ShallowRef<number | null>>;
  error: Readonly<ShallowRef<string | null>>;
  busy: Readonly<ShallowRef<boolean>>;
  hasMore: ComputedRef<boolean>;
  /** Reload from the start; current items are shown until the reply. */
  reload: () => Promise<void>;
  more: () => Promise<void>;
  /** Replace the shown items without a request; `total` follows. */
  patch: (items: readonly T[]) => void;
}

/** Of concurrent requests, the latest wins. `keyOf` identifies duplicates. */
export function usePages<T>(
  fetch: (offset: number) => Promise<Page<T>>,
  keyOf: (item: T) => string,
): Paged<T> {
  const items = shallowRef<readonly T[]>([]);
  const total = shallowRef<number | null>(null);
  const error = shallowRef<string | null>(null);
  const busy = shallowRef(false);
  let latest = 0;

  async function load(offset: number): Promise<void> {
    const mine = ++latest;
    busy.value = true;
    error.value = null;
    try {
      const page = await fetch(offset);
      if (mine !== latest) return;
      const before = offset ? items.value : [];
      // items added at the front have shifted some of the previous page into this one
      const known = new Set(before.map(keyOf));
      items.value = [...before, ...page.items.filter((item) => !known.has(keyOf(item)))];
      total.value = page.total;
    } catch (failure) {
      if (mine === latest) error.value = failure instanceof ApiError ? failure.code : 'internal';
    } finally {
      if (mine === latest) busy.value = false;
    }
  }

  function patch(next: readonly T[]): void {
    if (total.value !== null) total.value += next.length - items.value.length;
    items.value = next;
  }

  return {
    items,
    total,
    error,
    busy,
    hasMore: computed(() => total.value !== null && items.value.length < total.value),
    reload: () => load(0),
    more: () => load(items.value.length),
    patch,
  };
}
