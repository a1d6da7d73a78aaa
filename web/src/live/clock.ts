/**
 * The server's clock, as this client estimates it.
 *
 * Local times are monotonic: someone who sets the clock of their phone changes nothing.
 */

export interface ClockSample {
  /** Server clock minus local clock, in ms. */
  offset_ms: number;
  /** How long the round trip took: the estimate is off by half of it at most. */
  round_trip_ms: number;
  /** The local clock when the sample was taken. */
  taken_ms: number;
}

/** After this time a better old sample makes way for a newer one: crystals drift. */
const SAMPLE_LIFE_MS = 10 * 60_000;
/** How far apart two samples may be beyond their own uncertainty: rounding, and some drift. */
const TOLERANCE_MS = 10;
/** What a time that only came one way is worth, as a round trip: any real one is better. */
const ONE_WAY_MS = 60_000;

export function localMs(): number {
  return performance.timeOrigin + performance.now();
}

export class ServerClock {
  #best: ClockSample | null = null;

  /** Server time in epoch ms. Before the first sample it is the device's own. */
  now(): number {
    return localMs() + (this.#best?.offset_ms ?? 0);
  }

  /** Half the best round trip: how far off `now` is at most. `null` before the first sample. */
  get uncertainty_ms(): number | null {
    return this.#best && this.#best.round_trip_ms < ONE_WAY_MS
      ? this.#best.round_trip_ms / 2
      : null;
  }

  /** Take a reply to `sync`: the smallest round trip wins, until a newer one contradicts it. */
  add(sent_ms: number, server_ms: number, received_ms: number): void {
    this.#take({
      offset_ms: server_ms - (sent_ms + received_ms) / 2,
      round_trip_ms: received_ms - sent_ms,
      taken_ms: received_ms,
    });
  }

  /** Take a server time that came with a message, until there is something better. */
  hint(server_ms: number, received_ms: number): void {
    this.#take({
      offset_ms: server_ms - received_ms,
      round_trip_ms: ONE_WAY_MS,
      taken_ms: received_ms,
    });
  }

  /** Forget what was known: the device has slept, and its monotonic clock may have stood. */
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
 * Whether no offset fits both: each is right to half its round trip. One of the clocks has jumped
 * then, or another server answers by now, and the older sample is worth nothing.
 */
function contradict(one: ClockSample, other: ClockSample): boolean {
  const apart_ms = Math.abs(one.offset_ms - other.offset_ms);
  return apart_ms > (one.round_trip_ms + other.round_trip_ms) / 2 + TOLERANCE_MS;
}
