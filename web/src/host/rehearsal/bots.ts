/** The bots of a rehearsal, which run in the host's tab. */
import { shallowReadonly, shallowRef, type ShallowRef } from 'vue';

import type { PlaySocket } from '@/live/socket';

import type { Key } from './answers';
import { Bot, type BotState } from './bot';
import { CAST, MOST_BOTS } from './characters';
import { BotSeats } from './bot-seats';

/** Delay between joins, so that the host sees them arrive. */
const APART_MS = 350;

export class Bots {
  /** The state of each bot. */
  readonly states: Readonly<ShallowRef<readonly BotState[]>>;

  readonly #states = shallowRef<readonly BotState[]>([]);
  readonly #bots: Bot[] = [];
  readonly #seats: BotSeats;

  /** Join the bots one after another, or resume their seats. */
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

  /** Disconnect when the page is left; the seats are kept. */
  stop(): void {
    for (const bot of this.#bots) bot.stop();
  }

  /** The run is over; drop the seats. */
  dismiss(): void {
    this.stop();
    this.#seats.forget();
  }
}

/** Returns a function that connects a bot. */
export async function connector(): Promise<(token: () => string | undefined) => PlaySocket> {
  const { io } = await import('socket.io-client');
  return (token) =>
    io('/play', {
      // long polling by several players would use up the browser's connections
      transports: ['websocket'],
      autoConnect: false,
      forceNew: true,
      auth: (send) => {
        const known = token();
        send(known ? { token: known } : {});
      },
    });
}
