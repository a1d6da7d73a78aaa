import { beforeEach, describe, expect, it, vi } from 'vitest';

import { at } from './deadline';

describe('a deadline on the server’s clock', () => {
  let server_ms = 0;
  const clock = { now: () => server_ms + performance.now() };

  beforeEach(() => {
    vi.useFakeTimers({
      toFake: [
        'setTimeout',
        'clearTimeout',
        'requestAnimationFrame',
        'cancelAnimationFrame',
        'performance',
      ],
    });
    server_ms = 1_000_000 - performance.now();
    return () => vi.useRealTimers();
  });

  it('fires on the right frame, not before', () => {
    const then = vi.fn();
    at(clock, 1_000_300, then);
    vi.advanceTimersByTime(295);
    expect(then).not.toHaveBeenCalled();
    vi.advanceTimersByTime(22);
    expect(then).toHaveBeenCalledOnce();
  });

  it('fires at once when it has passed', () => {
    const then = vi.fn();
    at(clock, 999_999, then);
    expect(then).toHaveBeenCalledOnce();
  });

  it('follows a better estimate of the clock', () => {
    const then = vi.fn();
    at(clock, 1_000_500, then);
    vi.advanceTimersByTime(100);
    server_ms += 300; // 100 ms left
    vi.advanceTimersByTime(70);
    expect(then).not.toHaveBeenCalled();
    vi.advanceTimersByTime(50);
    expect(then).toHaveBeenCalledOnce();
  });

  it('can be cancelled', () => {
    const then = vi.fn();
    at(clock, 1_000_050, then)();
    const almost = at(clock, 1_000_020, then);
    vi.advanceTimersByTime(2);
    almost();
    vi.advanceTimersByTime(500);
    expect(then).not.toHaveBeenCalled();
  });

  it('fires in a hidden tab too, where there are no frames', () => {
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    vi.stubGlobal('requestAnimationFrame', () => 0);
    const then = vi.fn();
    at(clock, 1_000_020, then);
    vi.advanceTimersByTime(30);
    expect(then).toHaveBeenCalledOnce();
    vi.unstubAllGlobals();
  });
});
