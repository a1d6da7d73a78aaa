import { afterEach, describe, expect, it, vi } from 'vitest';

import { deviceId } from '@/live/seats';

import { cleanCode, grouped, moveBy, Refused } from './api';

afterEach(() => vi.unstubAllGlobals());

describe('a code for another device', () => {
  it('is shown in two groups, and accepted in any spelling', () => {
    expect(grouped('7KQ2MXPA')).toBe('7KQ2 MXPA');
    expect(cleanCode(' 7kq2-mxpa ')).toBe('7KQ2MXPA');
  });

  it('is rejected with the server’s error code when it is invalid', async () => {
    const problem = new Response('{"code":"code_unknown"}', { status: 404 });
    vi.stubGlobal('fetch', () => Promise.resolve(problem));
    await expect(moveBy('7KQ2MXPA')).rejects.toEqual(new Refused('code_unknown'));
  });

  it('is redeemed with the same device ID as a join', async () => {
    const asked = vi.fn<typeof fetch>().mockResolvedValue(new Response('{}'));
    vi.stubGlobal('fetch', asked);
    await moveBy('7KQ2MXPA');
    const sent = JSON.parse(asked.mock.lastCall?.[1]?.body as string) as object;
    expect(sent).toEqual({ code: '7KQ2MXPA', device: deviceId() });
  });

  it('reports a missing network', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    await expect(moveBy('7KQ2MXPA')).rejects.toMatchObject({ code: 'offline' });
  });
});
