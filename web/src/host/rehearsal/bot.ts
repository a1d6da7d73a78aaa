/** A bot: an ordinary player over the public protocol that answers after a delay. */
import type { Socket } from 'socket.io-client';

import { localMs, ServerClock } from '@/live/clock';
import { opensAt } from '@/live/moments';
import { ACK_TIMEOUT_MS, type PlaySocket } from '@/live/socket';
import { applyPlay, type Answer, type PlayEvent, type PlayState } from '@/live/state';
import type { Snapshot, WireError } from '@/protocol/messages';

import { answerFor, delayFor, type Key } from './answers';
import type { Character } from './characters';

/**
 * `waiting`: for admission by the host. `gone`: removed, or unable to join. `over`: the run has
 * ended.
 */
export type BotState = 'coming' | 'waiting' | 'in' | 'gone' | 'over';

export interface BotDeps {
  pin: string;
  character: Character;
  /** Idempotency key of the join. */
  joinKey: string;
  /** Connects with the token passed to `joined`, if any. */
  socket: PlaySocket;
  /** Whether it has a token already. */
  resumes: boolean;
  keyOf: (question: number) => Key | undefined;
  joined: (token: string) => void;
  changed: (state: BotState) => void;
}

const RETRY_MS = 1_500;
const MOST_TRIES = 20;
const FEW_TRIES = 5;
/** Refusals of a name, after which a number is appended. */
const OTHER_NAME = new Set(['nickname_taken', 'nickname_invalid', 'nickname_unsuitable']);

export class Bot {
  readonly #deps: BotDeps;
  readonly #socket: PlaySocket;
  readonly #clock = new ServerClock();
  #state: BotState = 'coming';
  #run: PlayState | null = null;
  #joined: boolean;
  #tries = 0;
  #names = 0;
  /** The opening for which an answer is planned. */
  #planned: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: BotDeps) {
    this.#deps = deps;
    this.#socket = deps.socket;
    this.#joined = deps.resumes;
    this.#listen();
  }

  start(): void {
    if (!this.#stopped) this.#socket.connect();
  }

  stop(as: 'gone' | 'over' = 'gone'): void {
    this.#become(as);
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
    (this.#socket as Socket).removeAllListeners();
    this.#socket.disconnect();
  }

  get #stopped(): boolean {
    return this.#state === 'gone' || this.#state === 'over';
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('connect', () => !this.#joined && void this.#join());
    socket.on('connect_error', (error: Error & { data?: WireError }) => {
      if (error.data && !error.data.retryable) this.stop();
      else if (!socket.active) this.#again(() => socket.connect(), error.data?.retry_in_ms);
      // the library reconnects, but WebSockets may be blocked here
      else if (++this.#tries > (this.#joined ? MOST_TRIES : FEW_TRIES)) this.stop();
    });
    socket.on('disconnect', (reason) => {
      this.#drop();
      if (reason === 'io server disconnect') this.#again(() => socket.connect());
    });
    socket.on('snapshot', (message) => this.#enter(message));
    socket.on('starting', (message) => this.#apply({ event: 'starting', message }));
    socket.on('question', (message) => this.#apply({ event: 'question', message }));
    socket.on('paused', (message) => this.#apply({ event: 'paused', message }));
    socket.on('resumed', (message) => this.#apply({ event: 'resumed', message }));
    socket.on('reveal', (message) => this.#apply({ event: 'reveal', message }));
    socket.on('finished', () => this.stop('over'));
    socket.on('kicked', () => this.stop());
    socket.on('closed', ({ reason }) => this.stop(reason === 'cancelled' ? 'over' : 'gone'));
  }

  async #join(): Promise<void> {
    const { pin, character, joinKey } = this.#deps;
    const nickname = this.#names ? `${character.name} ${this.#names + 1}` : character.name;
    const request = { pin, nickname, key: joinKey };
    const ack = await this.#socket
      .timeout(ACK_TIMEOUT_MS)
      .emitWithAck('join', request)
      .catch(() => null);
    if (!ack) this.#again(() => void this.#join());
    else if (!ack.ok) this.#refused(ack.error);
    else {
      this.#joined = true;
      this.#deps.joined(ack.token);
      this.#enter(ack.snapshot);
    }
  }

  #refused(error: WireError): void {
    if (error.code === 'waiting_for_host') {
      this.#become('waiting');
      this.#tries = 0; // waits as long as the host takes
    } else if (OTHER_NAME.has(error.code)) this.#names += 1;
    else if (!error.retryable) return this.stop();
    this.#again(() => void this.#join(), error.retry_in_ms);
  }

  #again(what: () => void, in_ms: number = RETRY_MS): void {
    clearTimeout(this.#retry);
    if (this.#stopped) return;
    if (++this.#tries > MOST_TRIES) this.stop();
    else this.#retry = setTimeout(what, in_ms);
  }

  #enter(message: Snapshot): void {
    this.#tries = 0;
    this.#become('in');
    // one-way times are accurate enough for a bot
    this.#clock.hint(message.server_ms, localMs());
    this.#apply({ event: 'snapshot', message });
    if (message.phase === 'finished' || message.phase === 'cancelled') this.stop('over');
  }

  #apply(event: PlayEvent): void {
    this.#run = applyPlay(this.#run, event);
    this.#plan();
  }

  /** Plan an answer to the open question once per opening. */
  #plan(): void {
    const run = this.#run;
    const question = run?.phase === 'question' && !run.paused ? run.question : null;
    const opens_at = opensAt(question);
    if (!run || !question || opens_at === null || run.you.answered) return this.#drop();
    const opening = `${question.question} ${opens_at}`;
    if (this.#planned === opening) return;
    this.#drop();
    const { skill, speed } = this.#deps.character;
    const answer = answerFor(question, this.#deps.keyOf(question.question), skill, Math.random);
    if (answer === null) return;
    const thinks_ms = delayFor(question.time_limit_ms, speed, Math.random);
    const wait_ms = Math.max(0, opens_at - this.#clock.now()) + thinks_ms;
    this.#planned = opening;
    this.#timer = setTimeout(() => void this.#answer(question.question, answer), wait_ms);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#planned = null;
  }

  /** Send until acknowledged. After a lost connection, the snapshot triggers it again. */
  async #answer(question: number, answer: Answer): Promise<void> {
    const ack = await this.#socket
      .timeout(ACK_TIMEOUT_MS)
      .emitWithAck('answer', { question, answer })
      .catch(() => null);
    if (ack?.ok) this.#apply({ event: 'answered', message: { question, answer } });
    else if (!ack || ack.error.retryable) {
      if (this.#planned === null || this.#run?.question?.question !== question) return;
      this.#timer = setTimeout(() => void this.#answer(question, answer), RETRY_MS);
    }
  }

  #become(state: BotState): void {
    if (this.#state === state || this.#stopped) return;
    this.#state = state;
    this.#deps.changed(state);
  }
}
