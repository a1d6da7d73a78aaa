/** A player's session in a run: the live state and the player's answers. */
import { shallowReadonly, shallowRef, type ShallowRef } from 'vue';

import type { ChooseExtraTime, JoinAck, WireError } from '@/protocol/messages';
import type { Traced } from '@/telemetry/taps';
import { read, write } from '@/ui/storage';

import { localMs } from './clock';
import { Connection } from './connection';
import { Outbox } from './outbox';
import { deviceId, forgetSeat, keepSeat, seatIsBack, seatIsOver, type Seat } from './seats';
import { ACK_TIMEOUT_MS, openPlaySocket, type PlaySocket } from './socket';
import { applyPlay, type Answer, type PlayEvent, type PlayState } from './state';

/** Why the session ended on this device while the run may continue. */
export type Fate = 'kicked' | 'replaced' | 'moved' | 'lost';

export class PlaySession {
  readonly connection: Connection;
  readonly outbox: Outbox;
  readonly runId: string;
  readonly state: Readonly<ShallowRef<PlayState | null>>;
  readonly fate: Readonly<ShallowRef<Fate | null>>;

  readonly #socket: PlaySocket;
  readonly #state = shallowRef<PlayState | null>(null);
  readonly #fate = shallowRef<Fate | null>(null);

  private constructor(socket: PlaySocket, connection: Connection, runId: string) {
    this.#socket = socket;
    this.connection = connection;
    this.runId = runId;
    this.state = shallowReadonly(this.#state);
    this.fate = shallowReadonly(this.#fate);
    const key = `quizrun.answer.${runId}`;
    this.outbox = new Outbox({
      send: (question, answer) => this.#send(question, answer),
      store: {
        load: () => JSON.parse(read(key) ?? 'null') as { question: number; answer: Answer } | null,
        save: (entry) => write(key, entry && JSON.stringify(entry)),
      },
    });
    this.#listen();
  }

  /** Resume a seat by its token. Resolves at once; `state` is set by the snapshot. */
  static async resume(seat: Seat): Promise<PlaySession> {
    const socket = await openPlaySocket(() => ({ token: seat.token }));
    const session = new PlaySession(socket, new Connection(socket), seat.run_id);
    session.connection.open();
    return session;
  }

  /**
   * Join a run. Rejects with a `JoinRefused`. When the host approves players, calls `waits` and
   * resolves on admission, or rejects on `stop`.
   */
  static async join(
    pin: string,
    nickname: string,
    key: string,
    waits?: () => void,
    stop?: AbortSignal,
  ): Promise<PlaySession> {
    const place: { seat: Seat | null } = { seat: null };
    const socket = await openPlaySocket(() => (place.seat ? { token: place.seat.token } : {}));
    const connection = new Connection(socket);
    try {
      const { player_id, token, snapshot } = await joined(
        socket,
        connection,
        { pin, nickname, key, device: deviceId() },
        waits,
        stop,
      );
      const received_ms = localMs();
      const { run_id } = snapshot;
      // the server may have assigned the name
      const known = snapshot.you.nickname;
      place.seat = { run_id, player_id, token, pin, nickname: known, joined_at: Date.now() };
      keepSeat(place.seat);
      const session = new PlaySession(socket, connection, run_id);
      session.#apply({ event: 'snapshot', message: snapshot }, received_ms);
      return session;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  answer(question: number, answer: Answer): void {
    this.outbox.give(question, answer);
  }

  /** Choose extra time within the host's limit. Resolves to the server's error, or `null`. */
  async chooseExtraTime(percent: ChooseExtraTime['percent']): Promise<WireError | null> {
    try {
      const socket = this.#socket.timeout(ACK_TIMEOUT_MS);
      const ack = await socket.emitWithAck('extra_time', { percent });
      if (!ack.ok) return ack.error;
      const { ok: _, ...message } = ack;
      this.#apply({ event: 'extra_time', message }, localMs());
      return null;
    } catch {
      return UNREACHABLE;
    }
  }

  /** Close the connection. The token is kept, so the player stays in the run. */
  close(): void {
    this.outbox.stop();
    this.connection.close();
  }

  #listen(): void {
    const socket = this.#socket;
    const apply = (event: PlayEvent): void => this.#apply(event, localMs());
    socket.on('snapshot', (message) => apply({ event: 'snapshot', message }));
    socket.on('lobby', (message) => apply({ event: 'lobby', message }));
    socket.on('starting', (message) => apply({ event: 'starting', message }));
    socket.on('question', (message) => apply({ event: 'question', message }));
    socket.on('progress', (message) => apply({ event: 'progress', message }));
    socket.on('extra_time', (message) => apply({ event: 'extra_time', message }));
    socket.on('paused', (message) => apply({ event: 'paused', message }));
    socket.on('resumed', (message) => apply({ event: 'resumed', message }));
    socket.on('reveal', (message, own) => apply({ event: 'reveal', message, own }));
    socket.on('answers', (message) => apply({ event: 'answers', message }));
    socket.on('standings', (message) => apply({ event: 'standings', message }));
    socket.on('round_break', (message) => apply({ event: 'round_break', message }));
    socket.on('settings', (message) => apply({ event: 'settings', message }));
    socket.on('finished', (message, own) => apply({ event: 'finished', message, own }));
    socket.on('closed', (message) => {
      if (message.reason !== 'cancelled') this.#end(message.reason);
      else apply({ event: 'closed', message });
    });
    socket.on('kicked', () => this.#end('kicked'));
    socket.on('connect_error', () => this.#judge(this.connection.refusal.value));
  }

  #apply(event: PlayEvent, received_ms: number): void {
    const state = applyPlay(this.#state.value, event);
    this.#state.value = state;
    window.quizrun?.applied(this, event);
    if (state?.outcome || state?.phase === 'cancelled') seatIsOver(this.runId);
    if (event.event !== 'snapshot') return;
    if (state && state.phase !== 'finished' && state.phase !== 'cancelled') seatIsBack(this.runId);
    const { server_ms, question, you } = event.message;
    this.connection.clock.hint(server_ms, received_ms);
    if (question && you.answered) this.outbox.known(question.question, you.answer);
    void this.outbox.flush();
  }

  async #send(question: number, answer: Answer) {
    if (!this.#socket.connected) throw new Error('not connected');
    const send = (more?: Traced) =>
      this.#socket.timeout(ACK_TIMEOUT_MS).emitWithAck('answer', { question, answer, ...more });
    const ack = await (window.quizrun?.answer(this, question, send) ?? send());
    if (ack.ok) this.#apply({ event: 'answered', message: { question, answer } }, localMs());
    return ack;
  }

  #judge(refusal: WireError | null): void {
    if (refusal) this.#end(FATES[refusal.code] ?? 'lost');
  }

  #end(fate: Fate): void {
    this.#fate.value = fate;
    if (fate === 'lost' || fate === 'moved') forgetSeat(this.runId);
    if (fate === 'kicked') seatIsOver(this.runId);
    this.outbox.stop();
    this.connection.end();
  }
}

const FATES: Partial<Record<string, Fate>> = { kicked: 'kicked', moved: 'moved' };

/** Load the Socket.IO library before the first connection. */
export async function preload(): Promise<void> {
  await import('socket.io-client');
}

/** The player left the waiting list. */
export class QueueLeft extends Error {}

export class JoinRefused extends Error {
  constructor(readonly error: WireError) {
    super(error.message);
  }
}

const TRIES = 4;
const RETRY_MS = 700;

/** Emit `join` until it is acknowledged: on each connection, and again when a reply is lost. */
function joined(
  socket: PlaySocket,
  connection: Connection,
  request: { pin: string; nickname: string; key: string; device: string; proof?: string },
  waits?: () => void,
  stop?: AbortSignal,
): Promise<JoinAck> {
  return new Promise((resolve, reject) => {
    let failures = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      socket.off('connect', ask);
      socket.off('connect_error', failed);
      end();
    };
    const refuse = (error: WireError): void => settle(() => reject(new JoinRefused(error)));
    const failed = (): void => {
      const refusal = connection.refusal.value ?? (++failures < TRIES ? null : UNREACHABLE);
      if (refusal) refuse(refusal);
    };
    const later = (in_ms = RETRY_MS * failures): void => {
      timer = setTimeout(() => socket.connected && ask(), in_ms);
    };
    const ask = (): void => {
      socket.timeout(ACK_TIMEOUT_MS).emit('join', request, (lost, ack) => {
        if (lost as Error | null) {
          failed();
          return later();
        }
        if (ack.ok) return settle(() => resolve(ack));
        const { error } = ack;
        if (error.code === 'waiting_for_host') waits?.();
        else if (error.challenge && !request.proof)
          return void import('@/joining/proof')
            .then((work) => work.prove(error.challenge))
            .then(
              (proof) => {
                request.proof = proof;
                ask();
              },
              () => refuse(error),
            );
        else if (!error.retryable || ++failures >= TRIES) return refuse(error);
        later(error.retry_in_ms);
      });
    };
    stop?.addEventListener('abort', () => settle(() => reject(new QueueLeft())));
    socket.on('connect', ask);
    socket.on('connect_error', failed);
    connection.open();
  });
}

const UNREACHABLE: WireError = {
  code: 'unavailable',
  message: 'The server cannot be reached.',
  retryable: true,
};
