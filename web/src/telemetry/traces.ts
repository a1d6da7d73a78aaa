/**
 * The browser's spans in the trace of a question: an answer until its ack, and a reveal until it is
 * drawn. Trace IDs are computed as on gateways and workers (`telemetry/trace_ids.py`).
 */
import type { PlayEvent } from '@/live/state';

import type { Origin, TracesConfig } from './config';
import { exportSpans, type Span } from './otlp';
import type { Place, SendAnswer } from './taps';

const REMEMBERED = 50;

interface QuestionTrace {
  traceId: string;
  rootId: string;
}

export class Traces {
  readonly #config: TracesConfig;
  readonly #origin: Origin;
  readonly #known = new Map<string, Promise<QuestionTrace | null>>();

  constructor(config: TracesConfig, origin: Origin) {
    this.#config = config;
    this.#origin = origin;
  }

  /** Send an answer, within a span if its question is traced. */
  async answer(place: Place, question: number, send: SendAnswer): ReturnType<SendAnswer> {
    const trace = await this.#of(place.runId, question);
    if (!trace) return send();
    const span = this.#begin(trace, 'answer', place, question);
    try {
      const ack = await send({ traceparent: `00-${trace.traceId}-${span.spanId}-01` });
      span.outcome = ack.ok ? 'recorded' : ack.error.code;
      return ack;
    } catch (error) {
      span.outcome = 'lost';
      throw error;
    } finally {
      this.#end(span, place);
    }
  }

  /** A reveal has been applied and is about to be drawn. */
  applied(place: Place, event: PlayEvent): void {
    if (event.event === 'reveal') void this.#revealed(place, event.message.question);
  }

  async #revealed(place: Place, question: number): Promise<void> {
    const trace = await this.#of(place.runId, question);
    if (!trace) return;
    const span = this.#begin(trace, 'show reveal', place, question);
    // two frames, so that the first has been painted
    requestAnimationFrame(() => requestAnimationFrame(() => this.#end(span, place)));
  }

  #begin(trace: QuestionTrace, name: string, place: Place, question: number): Span {
    return {
      name,
      traceId: trace.traceId,
      spanId: hex(crypto.getRandomValues(new Uint8Array(8))),
      parentSpanId: trace.rootId,
      start_ms: place.connection.clock.now(),
      end_ms: 0,
      runId: place.runId,
      question,
    };
  }

  #end(span: Span, place: Place): void {
    span.end_ms = Math.max(span.start_ms, place.connection.clock.now());
    exportSpans(this.#config.url, this.#origin, [span]);
  }

  #of(runId: string, question: number): Promise<QuestionTrace | null> {
    const key = `${runId}/${question}`;
    let found = this.#known.get(key);
    if (!found) {
      if (this.#known.size >= REMEMBERED) this.#known.clear();
      found = questionTrace(runId, question, this.#config.rate).catch(() => null);
      this.#known.set(key, found);
    }
    return found;
  }
}

/** The trace of a question; null if not sampled. Rejects in insecure contexts. */
export async function questionTrace(
  runId: string,
  question: number,
  rate: number,
): Promise<QuestionTrace | null> {
  const name = new TextEncoder().encode(`quizrun/${runId}/${question}`);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', name));
  const traceId = hex(digest.subarray(0, 16));
  const drawn = Number(BigInt(`0x${traceId.slice(16)}`)) / 2 ** 64;
  return drawn < rate ? { traceId, rootId: hex(digest.subarray(16, 24)) } : null;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
