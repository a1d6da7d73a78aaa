/** Questions in a text or a spreadsheet, as the server reads them. Nothing is stored by it. */
import { api } from '@/api/client';
import type { components } from '@/protocol/http';

import { ask } from '@/session/ask';

export type Found = components['schemas']['FoundView'];

/** `text` as pasted, or the file of a `table`. */
export async function previewOf(source: string | File): Promise<Found[]> {
  const text = typeof source === 'string';
  const { questions } = await ask(() =>
    api.POST('/api/v1/quizzes/import/preview', {
      params: { query: { kind: text ? 'text' : 'table' } },
      body: source as string, // a file, too: binary, as the description says in its own way
      bodySerializer: (body) => body,
      headers: { 'Content-Type': text ? 'text/plain' : 'application/octet-stream' },
    }),
  );
  return questions;
}
