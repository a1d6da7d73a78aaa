/** Runs code at a given moment of the server's clock, accurate to the frame. */

/** Timers may be this late; the remainder is waited out frame by frame. */
const TIMER_SLACK_MS = 40;
/** Interval at which the clock is read again while waiting. */
const LOOK_AGAIN_MS = 100;

export interface Clock {
  now(): number;
}

/**
 * Call `then` when the clock reaches `at_ms`, or at once if it already has. Returns a function to
 * cancel. The clock is re-read while waiting, so a better estimate moves the deadline.
 */
export function at(clock: Clock, at_ms: number, then: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let frame: number | undefined;
  const look = (): void => {
    const left_ms = at_ms - clock.now();
    if (left_ms <= 0) then();
    // Background tabs get no frames, so use a timer there.
    else if (left_ms > TIMER_SLACK_MS || document.hidden)
      timer = setTimeout(look, Math.min(Math.max(left_ms - TIMER_SLACK_MS, 1), LOOK_AGAIN_MS));
    else frame = requestAnimationFrame(look);
  };
  look();
  return () => {
    clearTimeout(timer);
    if (frame !== undefined) cancelAnimationFrame(frame);
  };
}
