/** Imports and exports quizzes with their pictures as one file. */
import { api } from '@/api/client';
import { ask } from '@/session/ask';
import { randomKey } from '@/ui/random';

import { fileName, saveFile } from '../parts/save-file';
import type { QuizView } from '../types';

const MOST_BYTES = 32_000_000;

export class ArchiveTooLarge extends Error {}

/** Whether a file is a ZIP archive, by its content. */
export async function isArchive(file: Blob): Promise<boolean> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  return first === 0x50 && second === 0x4b;
}

/** Store the quiz of an archive with its pictures. Idempotent. */
export async function importArchive(file: File): Promise<QuizView> {
  if (file.size > MOST_BYTES) throw new ArchiveTooLarge();
  const key = randomKey();
  return await ask(() =>
    api.POST('/api/v1/quizzes/import', {
      params: { header: { 'Idempotency-Key': key } },
      body: file as unknown as Record<string, never>, // the generated type for binary data is an object
      bodySerializer: (body) => body,
      headers: { 'Content-Type': 'application/zip' },
    }),
  );
}

export async function saveArchive(id: string, title: string): Promise<void> {
  const content = await ask(() =>
    api.GET('/api/v1/quizzes/{quiz_id}/export', {
      params: { path: { quiz_id: id }, query: { format: 'zip' } },
      parseAs: 'blob',
    }),
  );
  saveFile(content, fileName(title, 'zip'));
}
