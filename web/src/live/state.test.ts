import { describe, expect, it } from 'vitest';

import hostLines from './fixtures/host.json?raw';
import playLines from './fixtures/play.json?raw';
import { applyHost, applyPlay, type AnyState, type HostEvent, type PlayEvent } from './state';

/* The fixtures were recorded from a running gateway (scripts/record.mjs): events, and after each
   step a fresh snapshot. State after the events must equal the snapshot. */
const play = JSON.parse(playLines) as PlayEvent[];
const host = JSON.parse(hostLines) as HostEvent[];

/** Removes what only snapshots contain and what only the client adds. */
function comparable(state: AnyState): Record<string, unknown> {
  const shown: Record<string, unknown> = { ...state };
  for (const key of ['version', 'server_ms', 'progress', 'newcomers', 'ranks_before'])
    Reflect.deleteProperty(shown, key);
  // Players notice a lock only when refused, hosts only in a snapshot.
  delete shown.locked;
  // Connections are sent with the next progress or lobby event; so is, to players, a kick during a
  // reveal.
  delete shown.connections;
  if ('you' in state && state.phase === 'reveal') delete shown.players;
  // The deadlines of a paused run and of a closed question move with the server's clock.
  if (state.paused) delete shown.starts_at;
  if (state.question && (state.paused || state.phase === 'reveal')) {
    shown.question = { ...state.question, closes_at: null };
  }
  return shown;
}

describe('a player’s state', () => {
  it('after a snapshot and events equals the fresh snapshot, at each step of a whole run', () => {
    let state = applyPlay(null, play[0]!);
    let compared = 0;
    for (const line of play.slice(1)) {
      if (line.event === 'snapshot' && state) {
        const fresh = applyPlay(null, line);
        expect(comparable(state), `before snapshot ${compared}`).toEqual(comparable(fresh!));
        compared += 1;
        // keep the state built from events alone, to detect leftovers
        continue;
      }
      state = applyPlay(state, line);
    }
    expect(compared).toBeGreaterThan(12);
    expect(state?.phase).toBe('finished');
  });

  it('is the same when every snapshot is applied', () => {
    const state = play.reduce(applyPlay, null);
    const last = play.findLast((line) => line.event === 'snapshot')!;
    expect(comparable(state!)).toEqual(comparable(applyPlay(null, last)!));
  });

  it('covers every event of the stream', () => {
    const seen = new Set(play.map((line) => line.event));
    for (const event of [
      'snapshot',
      'lobby',
      'starting',
      'question',
      'progress',
      'paused',
      'resumed',
      'reveal',
      'finished',
    ])
      expect(seen).toContain(event);
  });

  it('is empty before the first snapshot', () => {
    expect(applyPlay(null, { event: 'lobby', message: { players: 3, joined: [] } })).toBeNull();
  });

  it('keeps the answer when the same question arrives with new times', () => {
    const upToAnswer = play.slice(0, play.findIndex((line) => line.event === 'answered') + 1);
    const before = upToAnswer.reduce(applyPlay, null)!;
    const question = play.find((line) => line.event === 'question')!;
    const moved = { ...question.message, opens_at: 5_000, closes_at: 25_000 };
    const after = applyPlay(before, { event: 'question', message: moved })!;
    expect(after.you.answered).toBe(true);
    expect(after.question?.opens_at).toBe(5_000);
  });

  it('is cancelled when the run ends before its first question', () => {
    const state = applyPlay(applyPlay(null, play[0]!), {
      event: 'closed',
      message: { reason: 'cancelled' },
    });
    expect(state?.phase).toBe('cancelled');
  });

  it('is never changed in place', () => {
    const frozen = (state: unknown): unknown => {
      if (typeof state === 'object' && state !== null)
        Object.values(Object.freeze(state)).forEach(frozen);
      return state;
    };
    let state = applyPlay(null, play[0]!);
    for (const line of play.slice(1)) state = applyPlay(frozen(state) as typeof state, line);
    expect(state?.phase).toBe('finished');
  });

  it('knows the ranks before a reveal, to show who moved', () => {
    let state = applyPlay(null, play[0]!);
    const boards: (Record<string, number> | undefined)[] = [];
    for (const line of play.slice(1)) {
      state = applyPlay(state, line);
      if (line.event === 'reveal') boards.push(state?.ranks_before);
    }
    expect(boards[0]).toEqual({});
    expect(Object.keys(boards[1] ?? {})).toContain('Ada');
  });
});

describe('a host’s state', () => {
  it('after a snapshot and events equals the fresh snapshot, at each step of a whole run', () => {
    let state = applyHost(null, host[0]!);
    let compared = 0;
    for (const line of host.slice(1)) {
      if (line.event === 'snapshot' && state) {
        expect(comparable(state), `before snapshot ${compared}`).toEqual(
          comparable(applyHost(null, line)!),
        );
        compared += 1;
        continue;
      }
      state = applyHost(state, line);
    }
    expect(compared).toBeGreaterThan(12);
    expect(state?.phase).toBe('finished');
  });

  it('drops the warning that the run is about to end once there is activity', () => {
    const warned = applyHost(null, {
      ...host[0]!,
      message: { ...host[0]!.message, ends_at: 9 },
    } as HostEvent)!;
    expect(warned.ends_at).toBe(9);
    const after = applyHost(warned, { event: 'starting', message: { starts_at: 5 } })!;
    expect(after.ends_at).toBeUndefined();
  });

  it('lists those who joined, without those who were kicked', () => {
    const state = host.reduce(applyHost, null);
    const names = state?.player_list.map((player) => player.nickname);
    expect(names).toEqual(['Ada', 'Carol']);
    expect(state?.newcomers).not.toContain('Bob');
  });
});
