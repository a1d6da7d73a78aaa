import { beforeEach, describe, expect, it, vi } from 'vitest';

import { api, call } from './client';
import { ApiError } from './problem';

const problem = (status: number, code: string, extra = {}): Response =>
  new Response(
    JSON.stringify({
      type: 'about:blank',
      title: '',
      status,
      detail: 'A sentence.',
      code,
      retryable: status === 503,
      ...extra,
    }),
    { status, headers: { 'content-type': 'application/problem+json' } },
  );
const page = (): Response => Response.json({ items: [], total: 0, limit: 20, offset: 0 });

const quizzes = () => call(api.GET('/api/v1/quizzes'));
const signingIn = () =>
  call(
    api.POST('/api/v1/auth/login', { body: { email: 'a@b.example', password: 'secret secret' } }),
  );

describe('an API request', () => {
  const fetched = vi.fn<(request: Request) => Promise<Response>>();

  beforeEach(() => {
    fetched.mockReset();
    vi.stubGlobal('fetch', fetched);
    vi.useFakeTimers();
    return () => {
      vi.useRealTimers();
      vi.unstubAllGlobals();
    };
  });

  async function outcome<T>(answer: Promise<T>): Promise<T | ApiError> {
    const settled = answer.catch((error: unknown) => error as ApiError);
    await vi.advanceTimersByTimeAsync(20_000);
    return settled;
  }

  it('resolves to the data', async () => {
    fetched.mockResolvedValue(page());
    expect(await outcome(quizzes())).toMatchObject({ total: 0 });
  });

  it('turns a problem document into an error with its code and fields', async () => {
    const problems = [{ field: 'email', message: 'is not an email address', question: null }];
    fetched.mockResolvedValue(problem(422, 'payload_invalid', { problems }));
    const error = (await outcome(signingIn())) as ApiError;
    expect(error).toBeInstanceOf(ApiError);
    expect([error.code, error.status, error.at('email')]).toEqual([
      'payload_invalid',
      422,
      'is not an email address',
    ]);
  });

  it('sends POSTs with the same idempotency key on each retry while the server is down', async () => {
    fetched
      .mockResolvedValueOnce(problem(503, 'unavailable'))
      .mockRejectedValueOnce(new TypeError('network'));
    fetched.mockResolvedValueOnce(problem(401, 'credentials_invalid'));
    const error = (await outcome(signingIn())) as ApiError;
    expect(error.code).toBe('credentials_invalid');
    const keys = fetched.mock.calls.map(([request]) => request.headers.get('Idempotency-Key'));
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('gives up after some retries, with the reason', async () => {
    fetched.mockRejectedValue(new TypeError('network'));
    expect(((await outcome(quizzes())) as ApiError).code).toBe('offline');
    fetched.mockRejectedValue(new DOMException('late', 'TimeoutError'));
    expect(((await outcome(quizzes())) as ApiError).code).toBe('timeout');
  });

  it('does not retry a PUT', async () => {
    fetched.mockResolvedValue(problem(503, 'unavailable'));
    const body = { title: 'T', questions: [] } as never;
    const put = call(
      api.PUT('/api/v1/quizzes/{quiz_id}', { params: { path: { quiz_id: '1' } }, body }),
    );
    expect(((await outcome(put)) as ApiError).code).toBe('unavailable');
    expect(fetched).toHaveBeenCalledOnce();
  });

  it('understands error replies of proxies', async () => {
    fetched.mockResolvedValue(new Response('<h1>Bad gateway</h1>', { status: 502 }));
    expect(((await outcome(quizzes())) as ApiError).code).toBe('unavailable');
    fetched.mockResolvedValue(problem(418, 'a_code_of_tomorrow'));
    expect(((await outcome(quizzes())) as ApiError).code).toBe('a_code_of_tomorrow');
  });
});
