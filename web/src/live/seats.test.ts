import { describe, expect, it, vi } from 'vitest';

import { forgetSeat, keepSeat, seatByPin, seatIn, seatIsOver, type Seat } from './seats';

const seat = (changes: Partial<Seat>): Seat => ({
  run_id: 'run',
  player_id: 'player',
  token: 'token',
  pin: '482913',
  nickname: 'Ada',
  joined_at: Date.now(),
  ...changes,
});

describe('the seats of this device', () => {
  it('are found by run, and the latest by PIN', () => {
    keepSeat(seat({ run_id: 'old', joined_at: Date.now() - 1_000 }));
    keepSeat(seat({ run_id: 'new' }));
    expect(seatIn('old')?.run_id).toBe('old');
    expect(seatByPin('482913')?.run_id).toBe('new');
    expect(seatByPin('000000')).toBeNull();
  });

  it('are not offered by PIN once the run is over, as the PIN may be reused', () => {
    keepSeat(seat({}));
    seatIsOver('run');
    expect(seatByPin('482913')).toBeNull();
    expect(seatIn('run')?.token).toBe('token');
  });

  it('expire after a day, with their pending answer', () => {
    keepSeat(seat({}));
    localStorage.setItem('quizrun.answer.run', '{}');
    forgetSeat('run');
    expect(localStorage).toHaveLength(0);
    keepSeat(seat({ run_id: 'yesterday', joined_at: Date.now() - 25 * 3_600_000 }));
    keepSeat(seat({ run_id: 'today' }));
    expect(seatIn('yesterday')).toBeNull();
  });

  it('tolerate missing storage and foreign values in it', () => {
    localStorage.setItem('quizrun.seat.run', 'not JSON');
    expect(seatIn('run')).toBeNull();
    expect(seatByPin('482913')).toBeNull();
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    expect(() => keepSeat(seat({}))).not.toThrow();
  });
});
