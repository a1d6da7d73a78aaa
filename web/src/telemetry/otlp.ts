/** Exports spans as OTLP over HTTP in JSON, without the OpenTelemetry SDK. */
import type { Origin } from './config';

export interface Span {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  /** Epoch ms by the server's clock, possibly fractional. */
  start_ms: number;
  end_ms: number;
  runId: string;
  question: number;
  outcome?: string;
}

const CLIENT = 3;

/** Send once; spans are lost on failure. */
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

/** An `ExportTraceServiceRequest` as JSON. */
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

/** 64-bit integers are strings in the protocol's JSON. */
function nanoseconds(ms: number): string {
  return String(BigInt(Math.round(ms * 1_000)) * 1_000n);
}
