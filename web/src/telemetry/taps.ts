/**
 * Hooks for error reports and traces. Gateways with telemetry add `entry.ts` to the page;
 * otherwise, and before it has run, `window.quizrun` is undefined.
 */
import type { App } from 'vue';

import type { PlayEvent } from '@/live/state';
import type { AnswerAck } from '@/protocol/messages';
import type { Ack } from '@/protocol/socket';

/** Trace context sent with a traced answer. */
export interface Traced {
  traceparent: string;
}

/** What is known of a player's seat. */
export interface Place {
  runId: string;
  connection: { clock: { now(): number } };
}

export type SendAnswer = (more?: Traced) => Promise<Ack<AnswerAck>>;

export interface Taps {
  /** The application has been created and is about to be mounted. */
  app(app: App): void;
  /** Wrap the sending of an answer. */
  answer(place: Place, question: number, send: SendAnswer): Promise<Ack<AnswerAck>>;
  /** A player's event has been applied. */
  applied(place: Place, event: PlayEvent): void;
}

declare global {
  interface Window {
    quizrun?: Taps;
  }
}
