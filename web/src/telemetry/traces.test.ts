import { afterEach, describe, expect, it, vi } from 'vitest';

import type { AnswerAck } from '@/protocol/messages';
import type { Ack } from '@/protocol/socket';

import { questionTrace, Traces } from './traces';

const RUN = '0198c1de-7f7e-7001-8001-000000000001';
const ORIGIN = { release: 'quizrun@1', environment: 'testing' };
const URL = 'https://traces.example/v1/traces';
const ack: Ack<AnswerAck> = { ok: true, status: 'recorded', elapsed_ms: 5 };
const place = { runId: RUN, connection: { clock: { now: () => 1_700_000_000_123.25 } } };

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the trace of a question', () => {
  it('has the IDs that servers compute', async () => {
    // the same values as in tests/telemetry/test_tracing.py
    expect(await questionTrace(RUN, 2, 1)).toEqual({
      traceId: '6a2cd9257975d6837039bd0586a85373',
      rootId: '00366537858339fb',
    });
  });

  it('is sampled as on the servers', async () => {
    expect(await questionTrace(RUN, 2, 0x7039bd05 / 2 ** 32)).toBeNull();
    expect(await questionTrace(RUN, 2, 0x7039bd06 / 2 ** 32)).not.toBeNull();
    expect(await questionTrace(RUN, 2, 0)).toBeNull();
  });
});

describe('an answer', () => {
  it('sends its span context to the gateway, and its span once acknowledged', async () => {
    const posted: { url: string; body: string }[] = [];
    vi.stubGlobal('fetch', (url: string, { body }: { body: string }) => {
      posted.push({ url, body });
      return Promise.resolve(new Response());
    });
    const send = vi.fn((_more?: unknown) => Promise.resolve(ack));
    const traces = new Traces({ url: URL, rate: 1, share: 1 }, ORIGIN);
    expect(await traces.answer(place, 2, send)).toBe(ack);
    const { traceparent } = send.mock.calls[0]?.[0] as { traceparent: string };
    const [, traceId, spanId] = traceparent.split('-');
    expect(traceparent).toMatch(/^00-6a2cd9257975d6837039bd0586a85373-[0-9a-f]{16}-01$/);
    expect(posted).toHaveLength(1);
    expect(posted[0]?.url).toBe(URL);
    const { resourceSpans } = JSON.parse(posted[0]?.body ?? '') as {
      resourceSpans: { scopeSpans: { spans: Record<string, unknown>[] }[] }[];
    };
    expect(resourceSpans[0]?.scopeSpans[0]?.spans[0]).toMatchObject({
      traceId,
      spanId,
      parentSpanId: '00366537858339fb',
      name: 'answer',
      startTimeUnixNano: '1700000000123250000',
      attributes: expect.arrayContaining([
        { key: 'quizrun.outcome', value: { stringValue: 'recorded' } },
      ]) as unknown,
    });
  });

  it('is sent without a span if its question is not traced, or the page is insecure', async () => {
    const send = vi.fn((_more?: unknown) => Promise.resolve(ack));
    await new Traces({ url: URL, rate: 0, share: 1 }, ORIGIN).answer(place, 2, send);
    vi.stubGlobal('crypto', {});
    await new Traces({ url: URL, rate: 1, share: 1 }, ORIGIN).answer(place, 2, send);
    expect(send.mock.calls).toEqual([[], []]);
  });

  it('that is lost fails as without a trace', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new Error('no collector')));
    const traces = new Traces({ url: URL, rate: 1, share: 1 }, ORIGIN);
    const lost = new Error('not connected');
    await expect(traces.answer(place, 2, () => Promise.reject(lost))).rejects.toBe(lost);
  });
});
