import type { Socket } from 'socket.io-client';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { WireError } from '@/protocol/messages';

import { localMs } from './clock';
import { Connection } from './connection';

/** A scripted socket, because faults cannot be triggered on a real one. */
class FaultySocket {
  connected = false;
  active = true;
  connects = 0;
  disconnects = 0;
  /** Returns the reply to `sync`; a rejection is a lost acknowledgement. */
  answer: () => Promise<unknown> = () => Promise.resolve({ ok: true, t0: 0, server_ms: localMs() });
  readonly #listeners = new Map<string, ((argument: unknown) => void)[]>();
  readonly #packets = new Set<() => void>();
  readonly io = {
    on: (_event: 'packet', listener: () => void) => this.#packets.add(listener),
    off: (_event: 'packet', listener: () => void) => this.#packets.delete(listener),
  };

  /** Simulates an incoming packet. */
  hears(): void {
    for (const listener of this.#packets) listener();
  }

  on(event: string, listener: (argument: unknown) => void): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  happens(event: string, argument?: unknown): void {
    if (event === 'connect') this.connected = true;
    if (event === 'disconnect') this.connected = false;
    for (const listener of this.#listeners.get(event) ?? []) listener(argument);
  }

  connect(): void {
    this.connects += 1;
  }

  disconnect(): void {
    this.disconnects += 1;
    this.connected = false;
  }

  timeout(): { emitWithAck: () => Promise<unknown> } {
    return { emitWithAck: () => this.answer() };
  }

  removeAllListeners(): void {
    this.#listeners.clear();
  }
}

const refusal = (code: WireError['code'], retryable: boolean, retry_in_ms?: number): Error =>
  Object.assign(new Error(code), { data: { code, message: code, retryable, retry_in_ms } });

describe('a connection', () => {
  let socket: FaultySocket;
  let connection: Connection;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    socket = new FaultySocket();
    connection = new Connection(socket as unknown as Socket);
    connection.open();
    return () => {
      connection.close();
      vi.useRealTimers();
    };
  });

  it('compares clocks as soon as it is open', async () => {
    socket.answer = () => Promise.resolve({ ok: true, t0: 0, server_ms: localMs() + 5_000 });
    expect(connection.link.value).toBe('connecting');
    socket.happens('connect');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(connection.link.value).toBe('online');
    expect(connection.clock.now() - localMs()).toBeCloseTo(5_000, -2);
  });

  it('leaves reconnecting to the library and reports it meanwhile', () => {
    socket.happens('connect');
    socket.happens('disconnect', 'transport close');
    expect([connection.link.value, socket.connects]).toEqual(['reconnecting', 1]);
    socket.happens('connect');
    expect(connection.link.value).toBe('online');
  });

  it('reconnects after a disconnect by the server, which the library does not do', async () => {
    socket.happens('connect');
    socket.happens('disconnect', 'io server disconnect');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(socket.connects).toBe(2);
  });

  it('gives up after a permanent refusal', async () => {
    socket.active = false;
    socket.happens('connect_error', refusal('unauthorized', false));
    await vi.advanceTimersByTimeAsync(10_000);
    window.dispatchEvent(new Event('online'));
    expect([connection.link.value, socket.connects]).toEqual(['refused', 1]);
    expect(connection.refusal.value?.code).toBe('unauthorized');
  });

  it('retries after a temporary refusal', async () => {
    socket.active = false;
    socket.happens('connect_error', refusal('unavailable', true));
    await vi.advanceTimersByTimeAsync(2_000);
    expect([connection.link.value, socket.connects]).toEqual(['connecting', 2]);
  });

  it('reconnects when the stopping gateway told it to, not on the library’s schedule', async () => {
    socket.happens('connect');
    socket.happens('come_back', { in_ms: 4_000 });
    socket.active = true;
    socket.happens('disconnect', 'transport close');
    expect(socket.disconnects).toBe(1);
    await vi.advanceTimersByTimeAsync(3_900);
    expect(socket.connects).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(socket.connects).toBe(2);
  });

  it('retries when the server is overloaded, after the time it was told', async () => {
    socket.active = false;
    socket.happens('connect_error', refusal('unavailable', true, 7_000));
    await vi.advanceTimersByTimeAsync(6_900);
    expect(socket.connects).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(socket.connects).toBe(2);
  });

  /** From now on every `sync` times out, as it would on the real socket. */
  const goSilent = (): void => {
    socket.answer = () =>
      new Promise((_resolve, reject) => setTimeout(() => reject(new Error('timeout')), 3_000));
  };

  /** Measures the wait by the fake clock. */
  const passed = async (happened: () => boolean): Promise<number> => {
    for (let ms = 0; ms < 20_000; ms += 100) {
      if (happened()) return ms;
      await vi.advanceTimersByTimeAsync(100);
    }
    throw new Error('It did not happen within 20 s.');
  };

  it('keeps the socket after one slow round', async () => {
    socket.happens('connect');
    await vi.advanceTimersByTimeAsync(2_000);
    goSilent();
    window.dispatchEvent(new Event('pageshow'));
    await vi.advanceTimersByTimeAsync(3_100);
    socket.answer = () => Promise.resolve({ ok: true, t0: 0, server_ms: localMs() });
    await vi.advanceTimersByTimeAsync(20_000);
    expect([connection.link.value, socket.connects, socket.disconnects]).toEqual(['online', 1, 0]);
  });

  it('keeps a socket that still receives packets, however slow', async () => {
    socket.happens('connect');
    await vi.advanceTimersByTimeAsync(2_000);
    goSilent();
    window.dispatchEvent(new Event('pageshow'));
    for (let round = 0; round < 10; round++) {
      await vi.advanceTimersByTimeAsync(2_000);
      socket.hears();
    }
    expect([connection.link.value, socket.disconnects]).toEqual(['online', 0]);
  });

  it('reconnects after two silent rounds with jitter: after sleep a phone’s connection is dead', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    socket.happens('connect');
    await vi.advanceTimersByTimeAsync(2_000);
    goSilent();
    window.dispatchEvent(new Event('pageshow'));
    await vi.advanceTimersByTimeAsync(6_300);
    expect([connection.link.value, socket.disconnects]).toEqual(['reconnecting', 1]);
    expect(socket.connects).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(socket.connects).toBe(2);
  });

  it('reports a lost network at once, and withdraws it when the server still replies', async () => {
    socket.happens('connect');
    await vi.advanceTimersByTimeAsync(2_000);
    const { answer } = socket;
    goSilent();
    window.dispatchEvent(new Event('offline'));
    expect(connection.link.value).toBe('reconnecting');
    await vi.advanceTimersByTimeAsync(3_100);
    expect(socket.disconnects).toBe(1);

    socket.answer = answer;
    socket.happens('connect');
    await vi.advanceTimersByTimeAsync(2_000);
    window.dispatchEvent(new Event('offline'));
    await vi.advanceTimersByTimeAsync(100);
    expect([connection.link.value, socket.disconnects]).toEqual(['online', 1]);
  });

  it('backs off while the server stays silent', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    goSilent();
    socket.happens('connect');
    const waits_ms: number[] = [];
    for (let time = 0; time < 4; time++) {
      await passed(() => connection.link.value === 'reconnecting');
      const dials = socket.connects;
      waits_ms.push(await passed(() => socket.connects > dials));
      socket.happens('connect');
    }
    expect(waits_ms).toEqual([1_000, 2_000, 4_000, 8_000]);
  });

  it('reconnects at once when the network is back', () => {
    socket.happens('connect');
    socket.happens('disconnect', 'transport close');
    window.dispatchEvent(new Event('online'));
    expect(socket.connects).toBe(2);
  });

  it('stays ended once the server has ended it', async () => {
    socket.happens('connect');
    connection.end();
    socket.happens('disconnect', 'io server disconnect');
    window.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect([connection.link.value, socket.connects]).toEqual(['ended', 1]);
  });
});
