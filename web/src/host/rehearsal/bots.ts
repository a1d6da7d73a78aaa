/** The bots of a rehearsal: they live in the host's tab, and go with it. */
import { shallowReadonly, shallowRef, type ShallowRef } from 'vue';

import type { PlaySocket } from '@/live/socket';

import type { Key } from './answers';
import { Bot, type BotState } from './bot';
import { CAST, MOST_BOTS } from './characters';
import { BotSeats } from './bot-seats';

/** So that the host sees them come in. */
const APART_MS = 350;

export class Bots {
  /** What each of them is up to. */
  readonly states: Readonly<ShallowRef<readonly BotState[]>>;

  readonly #states = shallowRef<readonly BotState[]>([]);
  readonly #bots: Bot[] = [];
  readonly #seats: BotSeats;

  /** Let the bots join a run one after the other, or come back to their seats in it. */
  constructor(
    runId: string,
    pin: string,
    keyOf: (question: number) => Key | undefined,
    connect: (token: () => string | undefined) => PlaySocket,
  ) {
    const cast = CAST.slice(0, MOST_BOTS);
    const seats = new BotSeats(runId, cast.length);
    this.#seats = seats;
    this.states = shallowReadonly(this.#states);
    this.#states.value = cast.map(() => 'coming');
    for (const [at, character] of cast.entries()) {
      const seat = seats.at(at);
      const bot = new Bot({
        pin,
        character,
        keyOf,
        joinKey: seat?.key ?? '',
        socket: connect(() => seats.at(at)?.token),
        resumes: seat?.token !== undefined,
        joined: (token) => seats.take(at, token),
        changed: (state) => (this.#states.value = this.#states.value.with(at, state)),
      });
      this.#bots.push(bot);
      setTimeout(() => bot.start(), at * APART_MS);
    }
  }

  /** The page is left: their seats stay. */
  stop(): void {
    for (const bot of this.#bots) bot.stop();
  }

  /** The run is over, and so are their seats. */
  dismiss(): void {
    this.stop();
    this.#seats.forget();
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
