/** Downloads the results of a run. */
import { ApiError } from '@/api/problem';
import { ask } from '@/session/ask';

import { fileName, saveFile } from '../parts/save-file';

export type ResultFormat = 'csv' | 'xlsx' | 'json';

/** A workbook with ten thousand players takes long. */
const TIMEOUT_MS = 180_000;

/** Uses `fetch` instead of a link, so that errors are shown and not saved as a file. */
export async function downloadResults(
  runId: string,
  format: ResultFormat,
  about: { title: string; created_at: number },
  language: string,
): Promise<void> {
  const content = await ask(() => fetchFile(runId, format, language));
  // the host's local date in sortable ISO format
  const day = new Intl.DateTimeFormat('sv-SE').format(about.created_at);
  saveFile(content, fileName(`${about.title} ${day}`, format));
}

async function fetchFile(runId: string, format: ResultFormat, lang: string) {
  const tz = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const query = new URLSearchParams({ format, lang, tz });
  const address = `/api/v1/runs/${encodeURIComponent(runId)}/results?${query.toString()}`;
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) return { data: await response.blob(), response };
    return { error: await response.json().catch(() => null), response };
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    throw new ApiError(late ? 'timeout' : 'offline', 'The file did not come.', 0, true);
  }
}
