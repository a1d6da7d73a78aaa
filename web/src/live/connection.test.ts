import type { Socket } from 'socket.io-client';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { WireError } from '@/protocol/messages';

import { localMs } from './clock';
import { Connection } from './connection';

/** A socket that does what a test tells it to: faults are not to be had from a real one. */
class FaultySocket {
  connected = false;
  active = true;
  connects = 0;
  disconnects = 0;
  /** What `sync` is answered with; an error is a lost acknowledgement. */
  answer: () => Promise<unknown> = () => Promise.resolve({ ok: true, t0: 0, server_ms: localMs() });
  readonly #listeners = new Map<string, ((argument: unknown) => void)[]>();
  readonly #packets = new Set<() => void>();
  readonly io = {
    on: (_event: 'packet', listener: () => void) => this.#packets.add(listener),
    off: (_event: 'packet', listener: () => void) => this.#packets.delete(listener),
  };

  /** Something arrives, whatever it is. */
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

  it('compares clocks as soon as it stands', async () => {
    socket.answer = () => Promise.resolve({ ok: true, t0: 0, server_ms: localMs() + 5_000 });
    expect(connection.link.value).toBe('connecting');
    socket.happens('connect');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(connection.link.value).toBe('online');
    expect(connection.clock.now() - localMs()).toBeCloseTo(5_000, -2);
  });

  it('leaves coming back to the library, and says so meanwhile', () => {
    socket.happens('connect');
    socket.happens('disconnect', 'transport close');
    expect([connection.link.value, socket.connects]).toEqual(['reconnecting', 1]);
    socket.happens('connect');
    expect(connection.link.value).toBe('online');
  });

  it('comes back by itself when the server has let it go, from which the library does not', async () => {
    socket.happens('connect');
    socket.happens('disconnect', 'io server disconnect');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(socket.connects).toBe(2);
  });

  it('gives up for good when it is refused for good', async () => {
    socket.active = false;
    socket.happens('connect_error', refusal('unauthorized', false));
    await vi.advanceTimersByTimeAsync(10_000);
    window.dispatchEvent(new Event('online'));
    expect([connection.link.value, socket.connects]).toEqual(['refused', 1]);
    expect(connection.refusal.value?.code).toBe('unauthorized');
  });

  it('tries again when it is refused for the moment', async () => {
    socket.active = false;
    socket.happens('connect_error', refusal('unavailable', true));
    await vi.advanceTimersByTimeAsync(2_000);
    expect([connection.link.value, socket.connects]).toEqual(['connecting', 2]);
  });

  it('comes back when the gateway that stopped has told it to, not when the library would', async () => {
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

  it('tries again when it was told to, where too many come at once', async () => {
    socket.active = false;
    socket.happens('connect_error', refusal('unavailable', true, 7_000));
    await vi.advanceTimersByTimeAsync(6_900);
    expect(socket.connects).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(socket.connects).toBe(2);
  });

  /** Nothing is answered from now on, each round for as long as the real socket would wait. */
  const goSilent = (): void => {
    socket.answer = () =>
      new Promise((_resolve, reject) => setTimeout(() => reject(new Error('timeout')), 3_000));
  };

  /** How long it takes, by the test's clock. */
  const passed = async (happened: () => boolean): Promise<number> => {
    for (let ms = 0; ms < 20_000; ms += 100) {
      if (happened()) return ms;
      await vi.advanceTimersByTimeAsync(100);
    }
    throw new Error('It did not happen within 20 s.');
  };

  it('keeps a socket through one slow round', async () => {
    socket.happens('connect');
    await vi.advanceTimersByTimeAsync(2_000);
    goSilent();
    window.dispatchEvent(new Event('pageshow'));
    await vi.advanceTimersByTimeAsync(3_100);
    socket.answer = () => Promise.resolve({ ok: true, t0: 0, server_ms: localMs() });
    await vi.advanceTimersByTimeAsync(20_000);
    expect([connection.link.value, socket.connects, socket.disconnects]).toEqual(['online', 1, 0]);
  });

  it('keeps a socket that is heard, however slowly it answers', async () => {
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

  it('dials anew after two silent rounds, not all clients at once: a phone that slept has a dead connection', async () => {
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

  it('says at once that the network is gone, and takes it back when the server still answers', async () => {
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

  it('waits longer each time while the server goes on saying nothing', async () => {
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

  it('dials at once when the network is back', () => {
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
