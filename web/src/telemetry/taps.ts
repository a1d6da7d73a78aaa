/**
 * Where error reports and traces take part in the application. Gateways that are configured for
 * them put `entry.ts` into the page; before it has run and elsewhere `window.quizrun` is undefined.
 */
import type { App } from 'vue';

import type { PlayEvent } from '@/live/state';
import type { AnswerAck } from '@/protocol/messages';
import type { Ack } from '@/protocol/socket';

/** What goes along with an answer that is traced. */
export interface Traced {
  traceparent: string;
}

/** What is known of a player's place in a run. */
export interface Place {
  runId: string;
  connection: { clock: { now(): number } };
}

export type SendAnswer = (more?: Traced) => Promise<Ack<AnswerAck>>;

export interface Taps {
  /** The application exists and is about to be shown. */
  app(app: App): void;
  /** An answer is to be sent. */
  answer(place: Place, question: number, send: SendAnswer): Promise<Ack<AnswerAck>>;
  /** Something that a player was told has been taken in. */
  applied(place: Place, event: PlayEvent): void;
}

declare global {
  interface Window {
    quizrun?: Taps;
  }
}
