/**
 * Keeps one socket alive through sleeping phones, dead networks and restarted gateways, and the
 * clock of the server with it.
 */
import { shallowReadonly, shallowRef, type ShallowRef } from 'vue';
import type { Socket } from 'socket.io-client';

import type { ComeBack, WireError } from '@/protocol/messages';

import { localMs, ServerClock } from './clock';
import { ACK_TIMEOUT_MS } from './socket';

/** `refused` is for good: coming again with the same credentials changes nothing. */
export type Link = 'connecting' | 'online' | 'reconnecting' | 'refused' | 'ended';

const SYNC_ROUNDS = 5;
const SYNC_PAUSE_MS = 150;
const SYNC_TIMEOUT_MS = 2_500;
const SYNC_AGAIN_MS = 60_000;
const RETRY_MS = 1_000;

type Syncing = Socket<
  Record<string, never>,
  { sync: (request: { t0: number }, ack: (answer: SyncAnswer) => void) => void }
>;
type SyncAnswer = { ok: true; t0: number; server_ms: number } | { ok: false; error: WireError };

export class Connection {
  readonly clock = new ServerClock();
  readonly link: Readonly<ShallowRef<Link>>;
  /** Why it was refused. */
  readonly refusal: Readonly<ShallowRef<WireError | null>>;

  readonly #socket: Socket;
  readonly #link = shallowRef<Link>('connecting');
  readonly #refusal = shallowRef<WireError | null>(null);
  readonly #leaving = new AbortController();
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** When to come back, as the gateway said before it stopped. */
  #callBack_ms: number | undefined;
  #syncing = false;
  #roundsLeft = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.link = shallowReadonly(this.#link);
    this.refusal = shallowReadonly(this.#refusal);
    socket.on('connect', () => {
      this.#link.value = 'online';
      void this.sync();
    });
    socket.on('come_back', ({ in_ms }: ComeBack) => (this.#callBack_ms = in_ms));
    socket.on('disconnect', (reason) => this.#lost(reason === 'io server disconnect'));
    socket.on('connect_error', (error) => this.#failed(error));
    const signal = this.#leaving.signal;
    document.addEventListener('visibilitychange', () => this.#awake(), { signal });
    window.addEventListener('pageshow', () => this.#awake(), { signal });
    window.addEventListener('online', () => this.#awake(), { signal });
    // sockets are not told; a question to the server finds out whether this one is dead
    window.addEventListener('offline', () => void this.sync(), { signal });
    const again = setInterval(() => void this.sync(), SYNC_AGAIN_MS);
    signal.addEventListener('abort', () => clearInterval(again));
  }

  open(): void {
    this.#socket.connect();
  }

  /** The server has said that this is the end; nothing comes back by itself. */
  end(): void {
    this.#link.value = 'ended';
    clearTimeout(this.#retry);
    this.#socket.disconnect();
  }

  /** Leave, and forget everything about it. */
  close(): void {
    this.#leaving.abort();
    this.end();
    this.#socket.removeAllListeners();
  }

  /**
   * Compare clocks, some rounds; asked again meanwhile, it begins anew. Once nothing comes back, the
   * connection counts as dead.
   */
  async sync(): Promise<void> {
    if (!this.#socket.connected) return;
    this.#roundsLeft = SYNC_ROUNDS;
    if (this.#syncing) return;
    this.#syncing = true;
    try {
      for (; this.#roundsLeft > 0; this.#roundsLeft--) {
        await this.#syncOnce();
        await pause(SYNC_PAUSE_MS);
      }
    } catch {
      this.#redial();
    } finally {
      this.#syncing = false;
    }
  }

  async #syncOnce(): Promise<void> {
    const socket = this.#socket as unknown as Syncing;
    const sent_ms = localMs();
    const answer = await socket.timeout(SYNC_TIMEOUT_MS).emitWithAck('sync', { t0: sent_ms });
    if (answer.ok) this.clock.add(sent_ms, answer.server_ms, localMs());
  }

  #lost(byServer: boolean): void {
    if (this.#link.value === 'ended') return;
    this.#link.value = 'reconnecting';
    const in_ms = this.#callBack_ms;
    this.#callBack_ms = undefined;
    if (in_ms !== undefined) this.#socket.disconnect(); // or else the library picks the time
    if (byServer || in_ms !== undefined) this.#connectLater(in_ms);
  }

  #failed(error: RefusedError): void {
    if (this.#link.value === 'ended') return;
    const refusal = error.data;
    if (refusal && !refusal.retryable) {
      this.#refusal.value = refusal;
      this.#link.value = 'refused';
      return;
    }
    if (this.#link.value === 'online') this.#link.value = 'reconnecting';
    if (!this.#socket.active) this.#connectLater(refusal?.retry_in_ms);
  }

  #connectLater(in_ms = RETRY_MS * (0.5 + Math.random())): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#socket.connect(), in_ms);
  }

  /** The page is seen again, or the network is back: find out now rather than after the next ping. */
  #awake(): void {
    if (document.hidden || this.#link.value === 'ended' || this.#link.value === 'refused') return;
    this.clock.reset();
    if (this.#socket.connected) void this.sync();
    else this.#redial();
  }

  #redial(): void {
    if (this.#link.value === 'ended' || this.#link.value === 'refused') return;
    this.#socket.disconnect();
    if (this.#link.value === 'online') this.#link.value = 'reconnecting';
    this.#socket.connect();
  }
}

interface RefusedError extends Error {
  data?: WireError;
}

export { ACK_TIMEOUT_MS };

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
