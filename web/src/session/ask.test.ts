import { describe, expect, it } from 'vitest';

import { ask, signedInAgain, signingInAgain } from './ask';

const ok = () => Promise.resolve({ data: 'done', response: new Response('"done"') });
const refused = (code: string, status: number) => () =>
  Promise.resolve({ error: { code }, response: new Response('', { status }) });

/** Resolves requests with the given replies in order. */
function answering(...answers: (() => Promise<{ data?: string; response: Response }>)[]) {
  const asked = { times: 0 };
  const request = () => {
    asked.times += 1;
    return (answers.shift() ?? ok)();
  };
  return { asked, request };
}
const settle = () => new Promise((resolve) => setTimeout(resolve));

describe('a request', () => {
  it('continues after signing in again', async () => {
    const { asked, request } = answering(refused('unauthorized', 401));
    const answer = ask(request);
    await settle();
    expect(signingInAgain.value).toBe(true);
    signedInAgain(true);
    expect(await answer).toBe('done');
    expect(asked.times).toBe(2);
    expect(signingInAgain.value).toBe(false);
  });

  it('asks once for all waiting requests', async () => {
    const first = ask(answering(refused('unauthorized', 401)).request);
    const second = ask(answering(refused('unauthorized', 401)).request);
    await settle();
    signedInAgain(true);
    expect(await Promise.all([first, second])).toEqual(['done', 'done']);
  });

  it('fails when sign-in is cancelled', async () => {
    const answer = ask(answering(refused('unauthorized', 401)).request);
    await settle();
    signedInAgain(false);
    await expect(answer).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('fails at once for other errors', async () => {
    const { request } = answering(refused('not_found', 404));
    await expect(ask(request)).rejects.toMatchObject({ code: 'not_found', status: 404 });
    expect(signingInAgain.value).toBe(false);
  });
});
