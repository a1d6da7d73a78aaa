import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { localMs } from '@/live/clock';
import type { PlaySocket } from '@/live/socket';
import type { Snapshot } from '@/protocol/messages';
import { question } from '@/testing/samples';

import { Bot, type BotState } from './bot';

type Ack = { ok: true; [field: string]: unknown } | { ok: false; error: object };

/** A scripted socket that records what was sent. */
class FakeSocket {
  active = true;
  connected = false;
  readonly sent: { event: string; request: Record<string, unknown> }[] = [];
  /** Replies by event; an error is a lost acknowledgement. */
  replies: Record<string, () => Ack> = {};
  readonly #listeners = new Map<string, (argument: unknown) => void>();

  on(event: string, listener: (argument: unknown) => void): void {
    this.#listeners.set(event, listener);
  }

  happens(event: string, argument?: unknown): void {
    this.#listeners.get(event)?.(argument);
  }

  connect(): void {
    this.connected = true;
    this.happens('connect');
  }

  disconnect(): void {
    this.connected = false;
  }

  removeAllListeners(): void {
    this.#listeners.clear();
  }

  timeout() {
    return {
      emitWithAck: (event: string, request: Record<string, unknown>): Promise<Ack> => {
        this.sent.push({ event, request });
        return new Promise((resolve) => resolve(this.replies[event]?.() ?? { ok: true }));
      },
    };
  }

  of(event: string): Record<string, unknown>[] {
    return this.sent.filter((one) => one.event === event).map((one) => one.request);
  }
}

const refused = (code: string, retryable: boolean): Ack => ({
  ok: false,
  error: { code, message: code, retryable },
});

function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    run_id: 'a-run',
    pin: '482913',
    title: 'Oceans',
    phase: 'lobby',
    paused: false,
    version: 1,
    server_ms: localMs(),
    players: 1,
    question_count: 3,
    you: { player_id: 'p', nickname: 'Bot Ada', score: 0, rank: 1, streak: 0, answered: false },
    ...changes,
  } as Snapshot;
}

const opened = (changes = {}) =>
  question({ opens_at: localMs(), closes_at: localMs() + 20_000, ...changes });

let socket: FakeSocket;
let states: BotState[];
let tokens: string[];

function bot(resumes = false): Bot {
  return new Bot({
    pin: '482913',
    character: { name: 'Bot Ada', skill: 1, speed: 1 },
    joinKey: 'a key',
    socket: socket as unknown as PlaySocket,
    resumes,
    keyOf: () => ({ options: ['Atlantic', 'Indian', 'Pacific'], solution: [2] }),
    joined: (token) => tokens.push(token),
    changed: (state) => states.push(state),
  });
}

const thinks = () => vi.advanceTimersByTimeAsync(15_000);

beforeEach(() => {
  vi.useFakeTimers();
  socket = new FakeSocket();
  socket.replies = {
    join: () => ({ ok: true, player_id: 'p', token: 'a token', snapshot: snapshot() }),
    answer: () => ({ ok: true, status: 'recorded', elapsed_ms: 1 }),
  };
  [states, tokens] = [[], []];
});
afterEach(() => vi.useRealTimers());

describe('a bot', () => {
  it('joins by PIN, and answers the open question once', async () => {
    bot().start();
    await vi.advanceTimersByTimeAsync(0);
    expect(socket.of('join')).toEqual([{ pin: '482913', nickname: 'Bot Ada', key: 'a key' }]);
    expect([states, tokens]).toEqual([['in'], ['a token']]);
    socket.happens('question', opened());
    expect(socket.of('answer')).toEqual([]);
    await thinks();
    await thinks();
    expect(socket.of('answer')).toEqual([{ question: 0, answer: 2 }]);
  });

  it('waits for admission as long as it takes', async () => {
    let asked = 0;
    const letIn = socket.replies.join;
    socket.replies.join = () =>
      ++asked <= 50 || !letIn ? refused('waiting_for_host', true) : letIn();
    bot().start();
    await vi.advanceTimersByTimeAsync(51 * 1_500);
    expect(states).toEqual(['waiting', 'in']);
  });

  it('tries another name if its own is taken, and gives up if that does not help', async () => {
    const letIn = socket.replies.join;
    let asked = 0;
    socket.replies.join = () =>
      ++asked === 1 || !letIn ? refused('nickname_taken', false) : letIn();
    bot().start();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(socket.of('join').map((request) => request.nickname)).toEqual(['Bot Ada', 'Bot Ada 2']);
    socket.replies.join = () => refused('run_full', false);
    bot().start();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(states.at(-1)).toBe('gone');
  });

  it('gives up if it cannot connect, but not at once in the middle of a run', () => {
    const failures = (): void => {
      for (let times = 0; times < 10; times++) socket.happens('connect_error', new Error('closed'));
    };
    bot();
    failures();
    expect(states).toEqual(['gone']);
    states = [];
    bot(true);
    failures();
    expect(states).toEqual([]);
  });

  it('resumes by its token without joining, and answers what it has not answered', async () => {
    bot(true).start();
    const at = opened({ question: 1 });
    socket.happens('snapshot', snapshot({ phase: 'question', question: at }));
    await thinks();
    expect(socket.of('join')).toEqual([]);
    expect(socket.of('answer')).toEqual([{ question: 1, answer: 2 }]);
  });

  it('does not answer a question twice', async () => {
    bot(true).start();
    const you = { ...snapshot().you, answered: true };
    socket.happens('snapshot', snapshot({ phase: 'question', question: opened(), you }));
    await thinks();
    expect(socket.of('answer')).toEqual([]);
  });

  it('waits for the end of a pause and of the reading time', async () => {
    bot(true).start();
    socket.happens('snapshot', snapshot());
    const reads_ms = 10_000;
    socket.happens('question', opened({ opens_at: localMs() + reads_ms, shows_at: localMs() }));
    await vi.advanceTimersByTimeAsync(reads_ms);
    expect(socket.of('answer')).toEqual([]);
    socket.happens('paused', { phase: 'question', remaining_ms: 20_000 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(socket.of('answer')).toEqual([]);
    const closes_at = localMs() + 20_000;
    socket.happens('resumed', { phase: 'question', closes_at, paused_ms: 60_000 });
    await thinks();
    expect(socket.of('answer')).toHaveLength(1);
  });

  it('resends an answer until it is acknowledged, but not to another question', async () => {
    socket.replies.answer = () => {
      throw new Error('lost');
    };
    bot(true).start();
    socket.happens('snapshot', snapshot({ phase: 'question', question: opened() }));
    await thinks();
    const tries = socket.of('answer').length;
    expect(tries).toBeGreaterThan(1);
    socket.happens('reveal', { question: 0, solution: [2], distribution: [], leaderboard: [] });
    await thinks();
    expect(socket.of('answer')).toHaveLength(tries);
  });

  it('leaves when the run ends, and answers nothing afterwards', async () => {
    bot(true).start();
    socket.happens('snapshot', snapshot({ phase: 'question', question: opened() }));
    socket.happens('finished', {});
    await thinks();
    expect(states).toEqual(['in', 'over']);
    expect([socket.connected, socket.of('answer')]).toEqual([false, []]);
  });

  it.each([
    ['kicked', undefined, 'gone'],
    ['closed', { reason: 'replaced' }, 'gone'],
    ['closed', { reason: 'cancelled' }, 'over'],
  ] as const)('is %s %o: %s', (event, message, state) => {
    bot(true).start();
    socket.happens(event, message);
    expect(states.at(-1)).toBe(state);
  });
});
