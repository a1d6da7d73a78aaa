/** Server requests of the editor. */
import { api } from '@/api/client';
import type { components } from '@/protocol/http';
import { ask } from '@/session/ask';

import type { QuizView } from '../types';

import type { Save } from './autosave';
import { fromQuiz, type Draft } from './draft';
import { revived } from './revive';

export type QuizEdit = components['schemas']['QuizEdit'];

/** Load the playable quiz: its latest complete version. */
export function loadQuiz(id: string): Promise<QuizView> {
  return ask(() => api.GET('/api/v1/quizzes/{quiz_id}', { params: { path: { quiz_id: id } } }));
}

/** Load the latest complete version and the draft that will replace it. */
export function loadEdit(id: string): Promise<QuizEdit> {
  return ask(() =>
    api.GET('/api/v1/quizzes/{quiz_id}/edit', { params: { path: { quiz_id: id } } }),
  );
}

/** The draft, unless a newer version has been stored since. */
export function draftOf({ draft, quiz, outdated }: QuizEdit): Draft | null {
  if (draft && !(outdated && quiz)) return revived(draft);
  return quiz ? fromQuiz(quiz) : null;
}

/** Create a quiz; idempotent by key. */
export async function createQuiz(
  save: Save,
  key: string,
): Promise<{ id: string; edition: string }> {
  const params = { header: { 'Idempotency-Key': key } };
  if (save.kind === 'draft')
    return await ask(() => api.POST('/api/v1/quizzes/drafts', { params, body: body(save.draft) }));
  const made = await ask(() => api.POST('/api/v1/quizzes', { params, body: save.quiz }));
  return { id: made.id, edition: complete(made.version) };
}

/** Store over an edition; return the new one. */
export async function replaceQuiz(
  id: string,
  save: Save,
  edition: string,
  key: string,
): Promise<string> {
  const params = {
    path: { quiz_id: id },
    header: { 'If-Match': `"${edition}"`, 'Idempotency-Key': key },
  };
  if (save.kind === 'quiz')
    return complete(
      (await ask(() => api.PUT('/api/v1/quizzes/{quiz_id}', { params, body: save.quiz }))).version,
    );
  const saved = await ask(() =>
    api.PUT('/api/v1/quizzes/{quiz_id}/draft', { params, body: body(save.draft) }),
  );
  return saved.edition;
}

/** The edition of a version without a draft. */
function complete(version: number): string {
  return `${version}-0`;
}

function body({ title, language, questions }: Draft) {
  return { title, language, questions: questions.map((question) => ({ ...question })) };
}
