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
/** A link counts as dead after this many unanswered rounds in a row, with nothing else heard either. */
const MISSES = 2;
const SYNC_TIMEOUT_MS = 3_000;
const SYNC_AGAIN_MS = 60_000;
/** The first wait before dialling again; it doubles with every failure. */
const RETRY_MS = 1_000;
const RETRY_MOST_MS = 8_000;

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
  /** Rounds of `sync` without a reply since the server was last heard. */
  #misses = 0;
  /** Dials since a round of `sync` was last answered. */
  #dials = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.link = shallowReadonly(this.#link);
    this.refusal = shallowReadonly(this.#refusal);
    socket.on('connect', () => {
      this.#link.value = 'online';
      this.#misses = 0;
      void this.sync();
    });
    socket.on('come_back', ({ in_ms }: ComeBack) => (this.#callBack_ms = in_ms));
    // whatever arrives is a sign of life, the late answer to a round that was given up included
    socket.io.on('packet', this.#heard);
    socket.on('disconnect', (reason) => this.#lost(reason === 'io server disconnect'));
    socket.on('connect_error', (error) => this.#failed(error));
    const signal = this.#leaving.signal;
    document.addEventListener('visibilitychange', () => this.#awake(), { signal });
    window.addEventListener('pageshow', () => this.#awake(), { signal });
    window.addEventListener('online', () => this.#awake(), { signal });
    window.addEventListener('offline', () => this.#doubted(), { signal });
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
    this.#socket.io.off('packet', this.#heard);
  }

  /**
   * Compare clocks, some rounds; asked again meanwhile, it begins anew. One lost round is a slow
   * network; when the server stays silent for `MISSES` of them, dial again.
   */
  async sync(): Promise<void> {
    if (!this.#socket.connected) return;
    this.#roundsLeft = SYNC_ROUNDS;
    if (this.#syncing) return;
    this.#syncing = true;
    try {
      for (; this.#roundsLeft > 0; this.#roundsLeft--) {
        await this.#syncOnce();
        if (this.#misses >= MISSES) break;
        await pause(SYNC_PAUSE_MS);
      }
      if (this.#misses >= MISSES) this.#replaceDead();
    } finally {
      this.#syncing = false;
    }
  }

  /** Ask the server for its time. */
  async #syncOnce(): Promise<void> {
    const socket = this.#socket as unknown as Syncing;
    if (!socket.connected) return; // meanwhile; the next connection begins anew
    const sent_ms = localMs();
    try {
      const answer = await socket.timeout(SYNC_TIMEOUT_MS).emitWithAck('sync', { t0: sent_ms });
      if (answer.ok) this.clock.add(sent_ms, answer.server_ms, localMs());
      this.#misses = 0;
      this.#dials = 0;
      if (this.#link.value === 'reconnecting') this.#link.value = 'online';
    } catch {
      this.#misses += 1;
    }
  }

  readonly #heard = (): void => {
    this.#misses = 0;
  };

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

  /** Dial after a while: when the server said, or else after a random wait that grows. */
  #connectLater(in_ms = this.#backoff_ms()): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#socket.connect(), in_ms);
  }

  #backoff_ms(): number {
    const wait_ms = Math.min(RETRY_MS * 2 ** this.#dials, RETRY_MOST_MS);
    this.#dials += 1;
    return wait_ms * (0.5 + Math.random());
  }

  /** Nothing comes back. Many clients may notice at the same time, so none dials at once. */
  #replaceDead(): void {
    if (this.#link.value === 'ended' || this.#link.value === 'refused') return;
    this.#link.value = 'reconnecting';
    this.#socket.disconnect();
    this.#connectLater();
  }

  /** The browser says that there is no network, which sockets are not told. Ask the server. */
  #doubted(): void {
    if (this.#link.value !== 'online') return;
    this.#link.value = 'reconnecting'; // until an answer proves otherwise
    this.#misses = MISSES - 1;
    void this.sync();
  }

  /** The page is seen again, or the network is back: find out now rather than after the next ping. */
  #awake(): void {
    if (document.hidden || this.#link.value === 'ended' || this.#link.value === 'refused') return;
    this.clock.reset();
    if (this.#socket.connected) void this.sync();
    else this.#redial();
  }

  #redial(): void {
    clearTimeout(this.#retry);
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
