/** Pages of the audit log, newest first, and its texts. */
import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue';

import { loadAreas } from '@/i18n';
import { ask } from '@/session/ask';
import { codeOf } from '@/ui/toasts';

import { fetchFile } from '../parts/fetch-file';
import { saveFile } from '../parts/save-file';

export type ExportFormat = 'csv' | 'jsonl';
export const EXPORT_FORMATS: ExportFormat[] = ['csv', 'jsonl'];

export type ExportFilter = Readonly<Record<string, string | number | boolean | null>>;

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
      if (mine === latest) error.value = codeOf(failure);
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
