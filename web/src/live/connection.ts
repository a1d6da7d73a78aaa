/**
 * Keeps one socket alive through sleeping phones, network failures and gateway restarts, and keeps
 * an estimate of the server's clock.
 */
import { shallowReadonly, shallowRef, type ShallowRef } from 'vue';
import type { Socket } from 'socket.io-client';

import type { ComeBack, WireError } from '@/protocol/messages';

import { localMs, ServerClock } from './clock';
import { ACK_TIMEOUT_MS } from './socket';

/** `refused` is permanent: reconnecting with the same credentials would not help. */
export type Link = 'connecting' | 'online' | 'reconnecting' | 'refused' | 'ended';

const SYNC_ROUNDS = 5;
const SYNC_PAUSE_MS = 150;
/** Unanswered rounds in a row, with nothing else received, after which a link counts as dead. */
const MISSES = 2;
const SYNC_TIMEOUT_MS = 3_000;
const SYNC_AGAIN_MS = 60_000;
/** Initial reconnect delay; it doubles with every failure. */
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
  /** Why the connection was refused. */
  readonly refusal: Readonly<ShallowRef<WireError | null>>;

  readonly #socket: Socket;
  readonly #link = shallowRef<Link>('connecting');
  readonly #refusal = shallowRef<WireError | null>(null);
  readonly #leaving = new AbortController();
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** Reconnect delay announced by the gateway before it stopped. */
  #callBack_ms: number | undefined;
  #syncing = false;
  #roundsLeft = 0;
  /** Rounds of `sync` without a reply since the last packet from the server. */
  #misses = 0;
  /** Connection attempts since the last reply to `sync`. */
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
    // Any packet is a sign of life, even the late reply to a round that timed out.
    socket.io.on('packet', this.#packetReceived);
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

  /** The server ended the session; do not reconnect. */
  end(): void {
    this.#link.value = 'ended';
    clearTimeout(this.#retry);
    this.#socket.disconnect();
  }

  /** Close the socket and drop all state. */
  close(): void {
    this.#leaving.abort();
    this.end();
    this.#socket.removeAllListeners();
    this.#socket.io.off('packet', this.#packetReceived);
  }

  /**
   * Compare clocks over several rounds, starting over when called again. One lost round is a slow
   * network; after `MISSES` silent rounds, reconnect.
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

  async #syncOnce(): Promise<void> {
    const socket = this.#socket as unknown as Syncing;
    if (!socket.connected) return; // disconnected meanwhile; the next connection starts over
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

  readonly #packetReceived = (): void => {
    this.#misses = 0;
  };

  #lost(byServer: boolean): void {
    if (this.#link.value === 'ended') return;
    this.#link.value = 'reconnecting';
    const in_ms = this.#callBack_ms;
    this.#callBack_ms = undefined;
    if (in_ms !== undefined) this.#socket.disconnect(); // otherwise the library would choose the delay
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

  /**
   * Reconnect after the delay the server gave, or after a random delay with exponential backoff.
   */
  #connectLater(in_ms = this.#backoff_ms()): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#socket.connect(), in_ms);
  }

  #backoff_ms(): number {
    const wait_ms = Math.min(RETRY_MS * 2 ** this.#dials, RETRY_MOST_MS);
    this.#dials += 1;
    return wait_ms * (0.5 + Math.random());
  }

  /** Replace a dead connection. Delayed at random, as many clients may notice at the same time. */
  #replaceDead(): void {
    if (this.#link.value === 'ended' || this.#link.value === 'refused') return;
    this.#link.value = 'reconnecting';
    this.#socket.disconnect();
    this.#connectLater();
  }

  /** The browser reports no network. Sockets do not notice, so ask the server. */
  #doubted(): void {
    if (this.#link.value !== 'online') return;
    this.#link.value = 'reconnecting'; // until a reply proves otherwise
    this.#misses = MISSES - 1;
    void this.sync();
  }

  /** The page is visible or the network is back: check now instead of waiting for the next ping. */
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
