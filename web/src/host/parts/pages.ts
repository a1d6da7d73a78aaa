/** A list that the server gives in pages, each added to what is there. */
import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue';

import { ApiError } from '@/api/problem';

export interface Page<T> {
  items: T[];
  total: number;
}

export interface Paged<T> {
  items: Readonly<ShallowRef<readonly T[]>>;
  /** How many there are altogether; `null` before that is known. */
  total: Readonly<ShallowRef<number | null>>;
  error: Readonly<ShallowRef<string | null>>;
  busy: Readonly<ShallowRef<boolean>>;
  hasMore: ComputedRef<boolean>;
  /** From the beginning; what is shown stays until the answer is there. */
  reload: () => Promise<void>;
  more: () => Promise<void>;
  /** Change what is shown without asking: `total` follows. */
  patch: (items: readonly T[]) => void;
}

/** Of several answers the one to the last question counts. `keyOf` tells what is there twice. */
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
      // what was added at the front meanwhile has pushed some of the page before into this one
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
