/** The bots of a rehearsal: they live in the host's tab, and go with it. */
import { shallowReadonly, shallowRef, type ShallowRef } from 'vue';

import type { PlaySocket } from '@/live/socket';

import type { Key } from './answers';
import { Bot, type BotState } from './bot';
import { CAST, MOST_BOTS } from './cast';
import { Places } from './places';

/** So that the host sees them come in. */
const APART_MS = 350;

export class Bots {
  /** What each of them is up to. */
  readonly states: Readonly<ShallowRef<readonly BotState[]>>;

  readonly #states = shallowRef<readonly BotState[]>([]);
  readonly #bots: Bot[] = [];
  readonly #places: Places;

  /** Let the bots join a run one after the other, or come back to their places in it. */
  constructor(
    runId: string,
    pin: string,
    keyOf: (question: number) => Key | undefined,
    connect: (token: () => string | undefined) => PlaySocket,
  ) {
    const cast = CAST.slice(0, MOST_BOTS);
    const places = new Places(runId, cast.length);
    this.#places = places;
    this.states = shallowReadonly(this.#states);
    this.#states.value = cast.map(() => 'coming');
    for (const [at, character] of cast.entries()) {
      const place = places.at(at);
      const bot = new Bot({
        pin,
        character,
        keyOf,
        joinKey: place?.key ?? '',
        socket: connect(() => places.at(at)?.token),
        resumes: place?.token !== undefined,
        joined: (token) => places.take(at, token),
        changed: (state) => (this.#states.value = this.#states.value.with(at, state)),
      });
      this.#bots.push(bot);
      setTimeout(() => bot.start(), at * APART_MS);
    }
  }

  /** The page is left: their places stay. */
  stop(): void {
    for (const bot of this.#bots) bot.stop();
  }

  /** The run is over, and so are their places. */
  dismiss(): void {
    this.stop();
    this.#places.forget();
  }
}

/** What connects a bot. */
export async function connector(): Promise<(token: () => string | undefined) => PlaySocket> {
  const { io } = await import('socket.io-client');
  return (token) =>
    io('/play', {
      // long polls of several players would leave a browser no connection for the host
      transports: ['websocket'],
      autoConnect: false,
      forceNew: true,
      auth: (send) => {
        const known = token();
        send(known ? { token: known } : {});
      },
    });
}
