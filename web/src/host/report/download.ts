/** Downloads the results of a run. */
import { ask } from '@/session/ask';

import { fetchFile } from '../parts/fetch-file';
import { fileName, saveFile } from '../parts/save-file';

export type ResultFormat = 'csv' | 'xlsx' | 'json';

export async function downloadResults(
  runId: string,
  format: ResultFormat,
  about: { title: string; created_at: number },
  language: string,
): Promise<void> {
  const content = await ask(() => fetchFile(addressOf(runId, format, language)));
  // the host's local date in sortable ISO format
  const day = new Intl.DateTimeFormat('sv-SE').format(about.created_at);
  saveFile(content, fileName(`${about.title} ${day}`, format));
}

function addressOf(runId: string, format: ResultFormat, lang: string): string {
  const tz = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const query = new URLSearchParams({ format, lang, tz });
  return `/api/v1/runs/${encodeURIComponent(runId)}/results?${query.toString()}`;
}
