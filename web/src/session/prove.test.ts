import { describe, expect, it } from 'vitest';

import { askProven, proofRefused, prove, proving } from './prove';

const ok = () => Promise.resolve({ data: 'done', response: new Response('"done"') });
const refused = (code: string, status: number) =>
  Promise.resolve({ error: { code }, response: new Response('', { status }) });
const settle = () => new Promise((resolve) => setTimeout(resolve));

/** A fake server that requires the right password or a fresh session. */
function server(state = { fresh: false }) {
  const given: (string | undefined)[] = [];
  return {
    given,
    change: (password?: string) => {
      given.push(password);
      if (password === 'right' || (password === undefined && state.fresh)) return ok();
      return password === undefined
        ? refused('sign_in_again', 403)
        : refused('credentials_invalid', 401);
    },
  };
}

describe('a change that needs proof', () => {
  it('asks for nothing shortly after signing in', async () => {
    const { change, given } = server({ fresh: true });
    expect(await askProven(change)).toBe('done');
    expect(given).toEqual([undefined]);
    expect(proving.value).toBe(false);
  });

  it('continues with the password, and asks again when it is wrong', async () => {
    const { change, given } = server();
    const answer = askProven(change);
    await settle();
    expect([proving.value, proofRefused.value]).toEqual([true, false]);
    prove({ password: 'wrong' });
    await settle();
    expect([proving.value, proofRefused.value]).toEqual([true, true]);
    prove({ password: 'right' });
    expect(await answer).toBe('done');
    expect(given).toEqual([undefined, 'wrong', 'right']);
    expect(proving.value).toBe(false);
  });

  it('continues without a password after signing in another way', async () => {
    const state = { fresh: false };
    const { change, given } = server(state);
    const answer = askProven(change);
    await settle();
    state.fresh = true;
    prove('signed-in-again');
    expect(await answer).toBe('done');
    expect(given).toEqual([undefined, undefined]);
  });

  it('fails when no proof is given', async () => {
    const answer = askProven(server().change);
    await settle();
    prove(null);
    await expect(answer).rejects.toMatchObject({ code: 'sign_in_again' });
  });

  it('fails at once for other errors', async () => {
    const change = () => refused('password_weak', 422);
    await expect(askProven(change)).rejects.toMatchObject({ code: 'password_weak' });
    expect(proving.value).toBe(false);
  });
});
