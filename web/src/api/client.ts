/**
 * The HTTP API, typed by its description: same origin, the session cookie, a time limit, and
 * POSTs that are safe to repeat.
 *
 *     const quizzes = await call(api.GET('/api/v1/quizzes', { params: { query: { limit: 50 } } }));
 */
import createClient, { type Middleware } from 'openapi-fetch';

import type { paths } from '@/protocol/http';

import { randomKey } from '@/ui/random';

import { ApiError, refusalIn } from './problem';

const TIMEOUT_MS = 15_000;
const RETRIES = 2;
const RETRY_MS = 600;
const IDEMPOTENCY_KEY = 'Idempotency-Key';

const once: Middleware = {
  onRequest({ request }) {
    if (request.method === 'POST' && !request.headers.has(IDEMPOTENCY_KEY))
      request.headers.set(IDEMPOTENCY_KEY, randomKey());
  },
};

export const api = createClient<paths>({ fetch: patiently });
api.use(once);

/** Return the body of a reply; reject with an `ApiError`. */
export async function call<T>(
  answer: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) throw refusalIn(response, error);
  return data as T;
}

/** `fetch` with a timeout, retried where that is safe and useful. */
async function patiently(request: Request): Promise<Response> {
  const repeatable = request.method === 'GET' || request.headers.has(IDEMPOTENCY_KEY);
  for (let attempt = 0; ; attempt++) {
    const last = !repeatable || attempt >= RETRIES;
    try {
      const response = await fetch(request.clone(), { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (last || response.status !== 503) return response;
    } catch (error) {
      if (last) throw unreachable(error);
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS * 2 ** attempt));
  }
}

function unreachable(error: unknown): ApiError {
  const late = error instanceof DOMException && error.name === 'TimeoutError';
  return late
    ? new ApiError('timeout', 'The server did not answer in time.', 0, true)
    : new ApiError('offline', 'The server cannot be reached.', 0, true);
}
