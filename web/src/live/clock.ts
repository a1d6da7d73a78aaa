/**
 * Estimates the server's clock. Local times are monotonic, so changing the device's clock has no
 * effect.
 */

export interface ClockSample {
  /** Server clock minus local clock, in ms. */
  offset_ms: number;
  /** Duration of the round trip. The error of the estimate is at most half of it. */
  round_trip_ms: number;
  /** Local time at which the sample was taken. */
  taken_ms: number;
}

/** After this time a newer sample replaces a better old one, because clocks drift. */
const SAMPLE_LIFE_MS = 10 * 60_000;
/** Tolerance for rounding and drift when comparing two samples. */
const TOLERANCE_MS = 10;
/** Round-trip time assumed for a one-way time. Any real round trip is better. */
const ONE_WAY_MS = 60_000;

export function localMs(): number {
  return performance.timeOrigin + performance.now();
}

export class ServerClock {
  #best: ClockSample | null = null;

  /** Server time in epoch ms. Before the first sample, the device's own time. */
  now(): number {
    return localMs() + (this.#best?.offset_ms ?? 0);
  }

  /** Maximum error of `now`: half the best round trip. `null` before the first sample. */
  get uncertainty_ms(): number | null {
    return this.#best && this.#best.round_trip_ms < ONE_WAY_MS
      ? this.#best.round_trip_ms / 2
      : null;
  }

  /** Add a reply to `sync`. The shortest round trip wins until a newer sample contradicts it. */
  add(sent_ms: number, server_ms: number, received_ms: number): void {
    this.#take({
      offset_ms: server_ms - (sent_ms + received_ms) / 2,
      round_trip_ms: received_ms - sent_ms,
      taken_ms: received_ms,
    });
  }

  /** Use the server time of a message until there is a better sample. */
  hint(server_ms: number, received_ms: number): void {
    this.#take({
      offset_ms: server_ms - received_ms,
      round_trip_ms: ONE_WAY_MS,
      taken_ms: received_ms,
    });
  }

  /** Forget all samples: a monotonic clock may stop while the device sleeps. */
  reset(): void {
    if (this.#best) this.#best = { ...this.#best, round_trip_ms: ONE_WAY_MS };
  }

  #take(sample: ClockSample): void {
    const best = this.#best;
    if (
      best === null ||
      sample.round_trip_ms <= best.round_trip_ms ||
      sample.taken_ms - best.taken_ms > SAMPLE_LIFE_MS ||
      contradict(best, sample)
    )
      this.#best = sample;
  }
}

/**
 * Whether no offset is consistent with both samples. If so, a clock was changed or another server
 * is replying, and the older sample is useless.
 */
function contradict(one: ClockSample, other: ClockSample): boolean {
  const apart_ms = Math.abs(one.offset_ms - other.offset_ms);
  return apart_ms > (one.round_trip_ms + other.round_trip_ms) / 2 + TOLERANCE_MS;
}
