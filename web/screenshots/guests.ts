/** Players without a browser, to fill a room. */
import { setTimeout as sleep } from 'node:timers/promises';

import { io, type Socket } from 'socket.io-client';

import type { Run } from '../e2e/harness/host.ts';

export type Given = number | string | number[];
/** A guest's answer given the shown options; `null` for no answer. */
export type Choice = (guest: number, options: string[]) => Given | null;

/** In several scripts and lengths, as in a real room. */
export const NAMES = [
  ...['Amara', 'Björn', 'Chloé', 'Dmitri', 'Elif', 'Farid', 'Giulia', 'Haruto', 'Ines', 'Jonas'],
  ...['ليلى', 'Kwame', 'Lucía', 'Mateo', 'Nadia', 'Oskar', 'Priya', 'Quiz Khalifa', 'Rosa'],
  ...['Søren', 'Tomás', 'Uma', 'Valentina', 'Wei', 'Ximena', 'Yusuf', 'Zoë', '🦊 Foxy', 'דוד'],
  ...['Die allwissende Müllhald', 'Team Rocket', 'Bartholomew the Third', 'Åsa', 'Table 4'],
];

const PACE_MS = 80;
const TRIES = 20;

interface Acknowledged {
  ok: boolean;
  error?: { message: string };
}

export class Guests {
  readonly #sockets: Socket[] = [];
  #options: string[] = [];

  constructor(private readonly url: string) {}

  async join(run: Run, count: number): Promise<void> {
    for (const nickname of NAMES.slice(0, count)) {
      const socket = io(`${this.url}/play`, { forceNew: true, transports: ['websocket'] });
      const answer = (await socket.emitWithAck('join', { pin: run.pin, nickname })) as Acknowledged;
      if (!answer.ok) throw new Error(`${nickname}: ${answer.error?.message}`);
      socket.on('question', (question: { options?: string[] }) => {
        this.#options = question.options ?? [];
      });
      this.#sockets.push(socket);
    }
  }

  /** Send the guests' answers one after another. */
  async answer(question: number, choose: Choice): Promise<void> {
    for (const [guest, socket] of this.#sockets.entries()) {
      const answer = choose(guest, this.#options);
      if (answer === null) continue;
      await this.#give(socket, { question, answer });
      await sleep(PACE_MS); // points depend on speed
    }
  }

  /** Retry while the question is not open yet. */
  async #give(socket: Socket, given: { question: number; answer: Given }): Promise<void> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const { ok } = (await socket.emitWithAck('answer', given)) as Acknowledged;
      if (ok) return;
      await sleep(PACE_MS);
    }
    throw new Error(`Question ${given.question} takes no answer.`);
  }

  leave(): void {
    for (const socket of this.#sockets) socket.disconnect();
  }
}

/** Assign answers to guests in rotation. */
export function inTurn(...answers: (Given | null)[]): Choice {
  return (guest) => answers[guest % answers.length] ?? null;
}
