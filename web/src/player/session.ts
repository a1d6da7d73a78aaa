/** The one session this page has. The live client is loaded on first use. */
import { shallowRef } from 'vue';

import type { PlaySession } from '@/live/play';
import { seatIn } from '@/live/seats';
import { randomKey } from '@/ui/random';
import { read, write } from '@/ui/storage';

export type JoinOutcome = { ok: true; session: PlaySession } | { ok: false; code: string };

const ATTEMPT = 'quizrun.join';
/** Storage key for the PIN of the run in which the player awaits admission. */
const WAITING = 'quizrun.waiting';

const current = shallowRef<PlaySession | null>(null);

/** Join a run. `waits` is called when the host has to admit the player; `stop` cancels waiting. */
export async function joinAs(
  pin: string,
  nickname: string,
  waits?: () => void,
  stop?: AbortSignal,
): Promise<JoinOutcome> {
  const live = await liveClient();
  if (!live) return { ok: false, code: 'offline' };
  const { JoinRefused, PlaySession, QueueLeft } = live;
  try {
    const key = keyFor(pin, nickname);
    const noted = () => {
      write(WAITING, pin);
      waits?.();
    };
    const session = await PlaySession.join(pin, nickname, key, noted, stop);
    write(ATTEMPT, null);
    write(WAITING, null);
    leave();
    current.value = session;
    return { ok: true, session };
  } catch (error) {
    if (error instanceof QueueLeft) {
      write(WAITING, null);
      return { ok: false, code: 'given_up' };
    }
    if (!(error instanceof JoinRefused)) throw error;
    if (!error.error.retryable) write(WAITING, null);
    return { ok: false, code: error.error.code };
  }
}

/** The name under which this device was waiting for admission before a reload. */
export function waitedAs(pin: string): string | null {
  if (read(WAITING) !== pin) return null;
  try {
    const [known, name] = JSON.parse((read(ATTEMPT) ?? '').split('\n')[0] ?? '') as string[];
    return known === pin ? (name ?? null) : null;
  } catch {
    return null;
  }
}

/** The live client with its sockets, or null when it cannot be loaded. */
async function liveClient() {
  try {
    const live = await import('@/live/play');
    await live.preload();
    return live;
  } catch {
    return null;
  }
}

/**
 * An idempotency key that survives reloads, so that retrying a join finds the same player when the
 * first acknowledgement was lost.
 */
function keyFor(pin: string, nickname: string): string {
  const wanted = JSON.stringify([pin, nickname]);
  const [known, key] = (read(ATTEMPT) ?? '').split('\n');
  if (known === wanted && key) return key;
  const fresh = randomKey();
  write(ATTEMPT, `${wanted}\n${fresh}`);
  return fresh;
}

/**
 * The session of this run: the open one, or one resumed from a stored token; `null` without either.
 */
export async function sessionOf(runId: string): Promise<PlaySession | null> {
  if (current.value?.runId === runId && current.value.fate.value === null) return current.value;
  leave();
  const seat = seatIn(runId);
  if (!seat) return null;
  const { PlaySession } = await import('@/live/play');
  current.value = await PlaySession.resume(seat);
  return current.value;
}

export function leave(): void {
  current.value?.close();
  current.value = null;
}
