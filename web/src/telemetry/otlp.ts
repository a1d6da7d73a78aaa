/** Spans as OTLP over HTTP in JSON, which is all that a browser needs of OpenTelemetry. */
import type { Origin } from './config';

export interface Span {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  /** Epoch ms by the server's clock, with fractions. */
  start_ms: number;
  end_ms: number;
  runId: string;
  question: number;
  outcome?: string;
}

const CLIENT = 3;

/** Send them once; what cannot be sent is lost. */
export function exportSpans(url: string, origin: Origin, spans: Span[]): void {
  void fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(request(origin, spans)),
    credentials: 'omit',
    keepalive: true,
    signal: AbortSignal.timeout(5_000),
  }).catch(() => undefined);
}

/** `ExportTraceServiceRequest` in the protocol's JSON. */
export function request(origin: Origin, spans: Span[]): unknown {
  const resource = {
    attributes: attributes({
      'service.name': 'quizrun-web',
      'service.version': origin.release,
      'deployment.environment.name': origin.environment,
    }),
  };
  return {
    resourceSpans: [
      { resource, scopeSpans: [{ scope: { name: 'quizrun' }, spans: spans.map(encoded) }] },
    ],
  };
}

function encoded(span: Span): unknown {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    kind: CLIENT,
    startTimeUnixNano: nanoseconds(span.start_ms),
    endTimeUnixNano: nanoseconds(span.end_ms),
    attributes: attributes({
      'quizrun.run_id': span.runId,
      'quizrun.question': span.question,
      ...(span.outcome !== undefined && { 'quizrun.outcome': span.outcome }),
    }),
  };
}

function attributes(values: Record<string, string | number>): unknown[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }));
}

/** As the protocol's JSON writes 64-bit numbers. */
function nanoseconds(ms: number): string {
  return String(BigInt(Math.round(ms * 1_000)) * 1_000n);
}
