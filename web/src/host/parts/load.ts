/** A value loaded for a page: loading, failed, or loaded. */
import { shallowRef, type ShallowRef } from 'vue';

import { ApiError } from '@/api/problem';

export interface Loaded<T> {
  /** The latest value, kept while reloading. */
  value: Readonly<ShallowRef<T | null>>;
  /** The error code; `null` while loading or loaded. */
  error: Readonly<ShallowRef<string | null>>;
  busy: Readonly<ShallowRef<boolean>>;
  load: () => Promise<void>;
  /** Set a known value without a request. */
  set: (value: T) => void;
}

/** Of concurrent loads, the latest wins. */
export function useLoaded<T>(fetch: () => Promise<T>): Loaded<T> {
  const value = shallowRef<T | null>(null);
  const error = shallowRef<string | null>(null);
  const busy = shallowRef(false);
  let latest = 0;

  async function load(): Promise<void> {
    const mine = ++latest;
    busy.value = true;
    error.value = null;
    try {
      const found = await fetch();
      if (mine === latest) value.value = found;
    } catch (failure) {
      if (mine === latest) error.value = failure instanceof ApiError ? failure.code : 'internal';
    } finally {
      if (mine === latest) busy.value = false;
    }
  }

  const set = (known: T): void => {
    latest++;
    busy.value = false;
    value.value = known;
  };
  return { value, error, busy, load, set };
}
