/** Pages of the audit log, newest first, and its texts. */
import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue';

import { ApiError } from '@/api/problem';
import { loadAreas } from '@/i18n';
import { ask } from '@/session/ask';

import { saveFile } from '../parts/save-file';

export type ExportFormat = 'csv' | 'jsonl';
export const EXPORT_FORMATS: ExportFormat[] = ['csv', 'jsonl'];

export type ExportFilter = Readonly<Record<string, string | number | boolean | null>>;

const TIMEOUT_MS = 180_000;

export interface Acts<T> {
  /** `null` until the first page is here. */
  acts: Readonly<ShallowRef<readonly T[] | null>>;
  error: Readonly<ShallowRef<string | null>>;
  busy: Readonly<ShallowRef<boolean>>;
  hasMore: ComputedRef<boolean>;
  /** Load the next page. */
  more: () => Promise<void>;
  /** Start again with the newest, because the filter has changed. */
  reload: () => Promise<void>;
}

/** Of concurrent loads, the latest wins. */
export function useActs<T>(
  fetch: (before: number | null) => Promise<{ acts: T[]; next?: number | null }>,
): Acts<T> {
  const acts = shallowRef<readonly T[] | null>(null);
  const next = shallowRef<number | null>(null);
  const error = shallowRef<string | null>(null);
  const busy = shallowRef(false);
  let latest = 0;

  async function load(known: readonly T[], before: number | null): Promise<void> {
    const mine = ++latest;
    busy.value = true;
    error.value = null;
    try {
      const [page] = await Promise.all([fetch(before), loadAreas('audit')]);
      if (mine !== latest) return;
      acts.value = [...known, ...page.acts];
      next.value = page.next ?? null;
    } catch (failure) {
      if (mine === latest) error.value = failure instanceof ApiError ? failure.code : 'internal';
    } finally {
      if (mine === latest) busy.value = false;
    }
  }

  return {
    acts,
    error,
    busy,
    hasMore: computed(() => next.value !== null),
    more: () => load(acts.value ?? [], next.value),
    reload: () => load([], null),
  };
}

/** Uses `fetch` instead of a link, so that errors are shown and not saved as a file. */
export async function downloadActs(
  path: string,
  format: ExportFormat,
  filter: ExportFilter = {},
): Promise<void> {
  const query = new URLSearchParams({ format });
  for (const [name, value] of Object.entries(filter)) {
    if (value !== null) query.set(name, String(value));
  }
  saveFile(await ask(() => fetchFile(`${path}?${query.toString()}`)), `quizrun-acts.${format}`);
}

async function fetchFile(address: string) {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) return { data: await response.blob(), response };
    return { error: await response.json().catch(() => null), response };
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    throw new ApiError(late ? 'timeout' : 'offline', 'The file did not come.', 0, true);
  }
}
