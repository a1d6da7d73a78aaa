/** Something that a page shows once it is there: loading, failed, or loaded. */
import { shallowRef, type ShallowRef } from 'vue';

import { ApiError } from '@/api/problem';

export interface Loaded<T> {
  /** The last that was loaded; kept while it is loaded anew. */
  value: Readonly<ShallowRef<T | null>>;
  /** Why there is nothing to show; `null` while there is, or while it is being loaded. */
  error: Readonly<ShallowRef<string | null>>;
  busy: Readonly<ShallowRef<boolean>>;
  load: () => Promise<void>;
  /** Take what is known to be so without asking. */
  set: (value: T) => void;
}

/** Of several loads under way the last one counts. */
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
