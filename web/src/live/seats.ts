/** This device's seats in runs: a token for each until the run is over. */

import { randomKey } from '@/ui/random';
import { keysWith, read, write } from '@/ui/storage';

export interface Seat {
  run_id: string;
  player_id: string;
  token: string;
  pin: string;
  nickname: string;
  /** Epoch ms by this device's clock. */
  joined_at: number;
  /** The run has ended, at least for this player. Its PIN may be in use by another run. */
  over?: boolean;
}

const PREFIX = 'quizrun.seat.';
/** Player tokens live for a day. */
const LIFE_MS = 24 * 3_600_000;

export function seatIn(runId: string): Seat | null {
  return parse(read(PREFIX + runId));
}

/**
 * The latest seat in a run with this PIN, optionally among those that are over. PINs are reused.
 */
export function seatByPin(pin: string, over = false): Seat | null {
  const seats = all().filter((seat) => seat.pin === pin && Boolean(seat.over) === over);
  return seats.sort((one, other) => other.joined_at - one.joined_at)[0] ?? null;
}

export function keepSeat(seat: Seat): void {
  for (const old of all()) if (Date.now() - old.joined_at > LIFE_MS) forgetSeat(old.run_id);
  write(PREFIX + seat.run_id, JSON.stringify(seat));
}

/** The latest seat that may be resumed. */
export function latestSeat(): Seat | null {
  const open = all().filter((seat) => !seat.over && Date.now() - seat.joined_at < LIFE_MS);
  return open.sort((one, other) => other.joined_at - one.joined_at)[0] ?? null;
}

/** The host has let a removed player back in. */
export function seatIsBack(runId: string): void {
  const seat = seatIn(runId);
  if (seat?.over) write(PREFIX + runId, JSON.stringify({ ...seat, over: false }));
}

const DEVICE = 'quizrun.device';

/**
 * A random ID by which a run recognises this device. The server stores only a hash, different in
 * each run.
 */
export function deviceId(): string {
  const known = read(DEVICE);
  if (known) return known;
  const fresh = randomKey();
  write(DEVICE, fresh);
  return fresh;
}

/** Mark the seat as over. Its result can still be viewed. */
export function seatIsOver(runId: string): void {
  const seat = seatIn(runId);
  if (seat && !seat.over) write(PREFIX + runId, JSON.stringify({ ...seat, over: true }));
}

export function forgetSeat(runId: string): void {
  write(PREFIX + runId, null);
  write(`quizrun.answer.${runId}`, null);
}

function all(): Seat[] {
  return keysWith(PREFIX)
    .map((key) => parse(read(key)))
    .filter((seat) => seat !== null);
}

function parse(text: string | null): Seat | null {
  try {
    const seat = JSON.parse(text ?? 'null') as Partial<Seat> | null;
    return seat && typeof seat.token === 'string' && typeof seat.run_id === 'string'
      ? (seat as Seat)
      : null;
  } catch {
    return null;
  }
}
