import { beforeEach, describe, expect, it, vi } from 'vitest';

import { BotSeats } from './bot-seats';

beforeEach(() => localStorage.clear());

describe('the seats of bots', () => {
  it('survive a reload', () => {
    const before = new BotSeats('a-run', 2);
    before.take(1, 'a token');
    const after = new BotSeats('a-run', 2);
    expect(after.at(0)).toEqual(before.at(0));
    expect(after.at(1)).toEqual({ key: before.at(1)?.key, token: 'a token' });
    expect(new BotSeats('another-run', 1).at(0)).not.toEqual(before.at(0));
  });

  it('are dropped with the run, or after a day', () => {
    const first = new BotSeats('a-run', 1);
    const [key] = [first.at(0)?.key];
    first.forget();
    expect(new BotSeats('a-run', 1).at(0)?.key).not.toBe(key);
    vi.useFakeTimers({ now: Date.now() + 25 * 3_600_000 });
    new BotSeats('later', 1).forget();
    expect(localStorage.getItem('quizrun.rehearsal.a-run')).toBeNull();
    vi.useRealTimers();
  });

  it('are recreated if the stored value is invalid', () => {
    localStorage.setItem('quizrun.rehearsal.a-run', '{"at": 1, "seats": "none"}');
    expect(new BotSeats('a-run', 1).at(0)?.key).toBeTruthy();
  });
});
