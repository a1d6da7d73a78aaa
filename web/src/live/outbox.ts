/**
 * Keeps answers until they are acknowledged, through reloads and lost connections, and resends them
 * as needed. The server acknowledges duplicates like the original.
 */
import { shallowReadonly, shallowRef, type ShallowRef } from 'vue';

import type { AnswerAck, WireError } from '@/protocol/messages';
import type { Ack } from '@/protocol/socket';

import type { Answer } from './state';

/**
 * `sent`: in flight. `locked`: recorded (`elapsed_ms` is null when unknown). `refused`: does not
 * count, with the reason.
 */
export type Delivery =
  | { question: number; answer: Answer; status: 'sent' }
  | { question: number; answer: Answer; status: 'locked'; elapsed_ms: number | null }
  | { question: number; answer: Answer; status: 'refused'; error: WireError };

export interface OutboxDeps {
  /** Send once; reject without a connection or an acknowledgement. */
  send(question: number, answer: Answer): Promise<Ack<AnswerAck>>;
  /** Persists the pending answer across reloads. */
  store: {
    load(): { question: number; answer: Answer } | null;
    save(entry: { question: number; answer: Answer } | null): void;
  };
}

const RETRY_MS = 400;
const RETRY_MOST_MS = 3_000;

export class Outbox {
  readonly current: Readonly<ShallowRef<Delivery | null>>;

  readonly #current = shallowRef<Delivery | null>(null);
  readonly #deps: OutboxDeps;
  #sending = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #stopped = false;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    this.current = shallowReadonly(this.#current);
    const left = deps.store.load();
    if (left) this.#current.value = { ...left, status: 'sent' };
  }

  /** Answer a question; ignored when an answer to it is pending or recorded. */
  give(question: number, answer: Answer): void {
    const current = this.#current.value;
    if (current?.question === question && current.status !== 'refused') return;
    this.#current.value = { question, answer, status: 'sent' };
    this.#deps.store.save({ question, answer });
    this.#failures = 0;
    void this.flush();
  }

  /** Send the pending answer; called after each connection. */
  async flush(): Promise<void> {
    const current = this.#current.value;
    if (this.#stopped || this.#sending || current?.status !== 'sent') return;
    clearTimeout(this.#retry);
    this.#sending = true;
    const ack = await this.#deps.send(current.question, current.answer).catch(() => null);
    this.#sending = false;
    if (this.#current.value !== current) return void this.flush();
    if (ack?.ok) this.#settle({ ...current, status: 'locked', elapsed_ms: ack.elapsed_ms });
    else if (ack && !ack.error.retryable)
      this.#settle({ ...current, status: 'refused', error: ack.error });
    else this.#later();
  }

  /** Record an answer that the server already has, given on another device or before a reload. */
  known(question: number, answer: Answer | null | undefined): void {
    const current = this.#current.value;
    if (current?.question === question && current.status !== 'refused') return;
    if (answer != null) this.#settle({ question, answer, status: 'locked', elapsed_ms: null });
  }

  /** Stop sending. A pending answer stays in the store for the next visit. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
  }

  #settle(delivery: Delivery): void {
    this.#current.value = delivery;
    this.#deps.store.save(null);
  }

  #later(): void {
    if (this.#stopped) return;
    this.#failures += 1;
    const wait_ms = Math.min(RETRY_MS * 2 ** this.#failures, RETRY_MOST_MS);
    this.#retry = setTimeout(() => void this.flush(), wait_ms * (0.5 + Math.random() / 2));
  }
}
