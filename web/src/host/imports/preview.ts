/** Has the server parse questions from a text or spreadsheet, without storing them. */
import { api } from '@/api/client';
import type { components } from '@/protocol/http';

import { ask } from '@/session/ask';

export type Found = components['schemas']['FoundView'];

/** `source` is a pasted text or a spreadsheet file. */
export async function previewOf(source: string | File): Promise<Found[]> {
  const text = typeof source === 'string';
  const { questions } = await ask(() =>
    api.POST('/api/v1/quizzes/import/preview', {
      params: { query: { kind: text ? 'text' : 'table' } },
      body: source as string, // also for files: the generated type for binary data is a string
      bodySerializer: (body) => body,
      headers: { 'Content-Type': text ? 'text/plain' : 'application/octet-stream' },
    }),
  );
  return questions;
}
