/** Quizzes at the server, for the editor. */
import { api } from '@/api/client';
import { ask } from '@/session/ask';
import { randomKey } from '@/ui/random';

import type { Quiz, QuizView } from '../types';

export function loadQuiz(id: string): Promise<QuizView> {
  return ask(() => api.GET('/api/v1/quizzes/{quiz_id}', { params: { path: { quiz_id: id } } }));
}

export function replaceQuiz(id: string, quiz: Quiz, version: number): Promise<QuizView> {
  return ask(() =>
    api.PUT('/api/v1/quizzes/{quiz_id}', {
      params: { path: { quiz_id: id }, header: { 'If-Match': `"${version}"` } },
      body: quiz,
    }),
  );
}

/**
 * Stores a new quiz, once. When the answer to the first try was lost, the next one sends the same
 * again, which finds the quiz that the first has made; what has changed since goes over that.
 */
export class Creation {
  #first: { quiz: Quiz; key: string } | null = null;

  async create(quiz: Quiz): Promise<QuizView> {
    this.#first ??= { quiz, key: randomKey() };
    const { quiz: body, key } = this.#first;
    const made = await ask(() =>
      api.POST('/api/v1/quizzes', { params: { header: { 'Idempotency-Key': key } }, body }),
    ).catch((error: unknown) => {
      if (!isRetryable(error)) this.#first = null;
      throw error;
    });
    this.#first = null;
    return body === quiz ? made : await replaceQuiz(made.id, quiz, made.version);
  }
}

function isRetryable(error: unknown): boolean {
  return error instanceof Error && 'retryable' in error && error.retryable === true;
}
