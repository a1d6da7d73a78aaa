/** Doing something at a moment of the server's clock, to the frame. */

/** Timers may be this late; the rest is waited out frame by frame. */
const TIMER_SLACK_MS = 40;
/** How long a better estimate of the clock may go unnoticed. */
const LOOK_AGAIN_MS = 100;

export interface Clock {
  now(): number;
}

/**
 * Call `then` once the clock has reached `at_ms`, at once if it has already. Returns how to cancel.
 *
 * The clock is read again and again, so a better estimate on the way moves the moment with it.
 */
export function at(clock: Clock, at_ms: number, then: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let frame: number | undefined;
  const look = (): void => {
    const left_ms = at_ms - clock.now();
    if (left_ms <= 0) then();
    // background tabs get no frames: there a timer has to do
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
