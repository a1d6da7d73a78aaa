/** A host's view of a run, for the console and the big screen: names, counts, connections. */
import { shallowReadonly, shallowRef, type ShallowRef } from 'vue';

import { accessToken } from '@/api/session';
import type { WireError } from '@/protocol/messages';

import { localMs } from './clock';
import { Connection } from './connection';
import { openHostSocket, type HostSocket } from './socket';
import { applyHost, type HostEvent, type HostState } from './state';

export class HostSession {
  readonly connection: Connection;
  readonly runId: string;
  readonly state: Readonly<ShallowRef<HostState | null>>;
  /**
   * Why the run cannot be watched: `unauthorized` (not signed in) or `forbidden` (not their run).
   */
  readonly refusal: Readonly<ShallowRef<WireError | null>>;

  readonly #state = shallowRef<HostState | null>(null);

  private constructor(socket: HostSocket, runId: string) {
    this.runId = runId;
    this.connection = new Connection(socket);
    this.state = shallowReadonly(this.#state);
    this.refusal = this.connection.refusal;
    const apply = (event: HostEvent): void => this.#apply(event, localMs());
    socket.on('snapshot', (message) => apply({ event: 'snapshot', message }));
    socket.on('lobby', (message) => apply({ event: 'lobby', message }));
    socket.on('starting', (message) => apply({ event: 'starting', message }));
    socket.on('question', (message) => apply({ event: 'question', message }));
    socket.on('progress', (message) => apply({ event: 'progress', message }));
    socket.on('paused', (message) => apply({ event: 'paused', message }));
    socket.on('resumed', (message) => apply({ event: 'resumed', message }));
    socket.on('reveal', (message) => apply({ event: 'reveal', message }));
    socket.on('answers', (message) => apply({ event: 'answers', message }));
    socket.on('standings', (message) => apply({ event: 'standings', message }));
    socket.on('round_break', (message) => apply({ event: 'round_break', message }));
    socket.on('finished', (message) => apply({ event: 'finished', message }));
    socket.on('closed', (message) => apply({ event: 'closed', message }));
  }

  /** Watch a run as the signed-in host; each connection requests a new token. */
  static async open(runId: string): Promise<HostSession> {
    const socket = await openHostSocket(async () => ({
      token: await accessToken(),
      run_id: runId,
    }));
    const session = new HostSession(socket, runId);
    session.connection.open();
    return session;
  }

  close(): void {
    this.connection.close();
  }

  #apply(event: HostEvent, received_ms: number): void {
    this.#state.value = applyHost(this.#state.value, event);
    if (event.event === 'snapshot')
      this.connection.clock.hint(event.message.server_ms, received_ms);
  }
}
