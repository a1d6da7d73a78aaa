import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { AnswerAck } from '@/protocol/messages';
import type { Ack } from '@/protocol/socket';

import { Outbox } from './outbox';
import type { Answer } from './state';

const recorded: Ack<AnswerAck> = { ok: true, status: 'recorded', elapsed_ms: 1_234 };
const refused = (code: 'answer_invalid' | 'unavailable', retryable: boolean): Ack<AnswerAck> => ({
  ok: false,
  error: { code, message: 'Because.', retryable },
});

interface Entry {
  question: number;
  answer: Answer;
}

/** An outbox whose sends resolve to `acks` in order; an error is a lost connection. */
function outboxWith(acks: (Ack<AnswerAck> | Error)[], kept: Entry | null = null) {
  const sent: Entry[] = [];
  const store = { kept };
  const outbox = new Outbox({
    send: (question, answer) => {
      sent.push({ question, answer });
      const ack = acks.shift() ?? new Error('nothing answers');
      return ack instanceof Error ? Promise.reject(ack) : Promise.resolve(ack);
    },
    store: { load: () => store.kept, save: (entry) => (store.kept = entry) },
  });
  return { outbox, sent, store };
}

describe('an answer on its way', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    return () => vi.useRealTimers();
  });

  it('is sent, then locked in by the acknowledgement', async () => {
    const { outbox, store } = outboxWith([recorded]);
    outbox.give(0, 2);
    expect(outbox.current.value?.status).toBe('sent');
    expect(store.kept).toEqual({ question: 0, answer: 2 });
    await vi.advanceTimersByTimeAsync(0);
    expect(outbox.current.value).toEqual({
      question: 0,
      answer: 2,
      status: 'locked',
      elapsed_ms: 1_234,
    });
    expect(store.kept).toBeNull();
  });

  it('is sent again until it is acknowledged', async () => {
    const { outbox, sent } = outboxWith([
      new Error('lost'),
      refused('unavailable', true),
      recorded,
    ]);
    outbox.give(3, [0, 1]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map((entry) => JSON.stringify(entry))).size).toBe(1);
    expect(outbox.current.value?.status).toBe('locked');
  });

  it('is sent at once when the connection is back', async () => {
    const { outbox, sent } = outboxWith([new Error('lost'), recorded]);
    outbox.give(0, 'Paris');
    await vi.advanceTimersByTimeAsync(0);
    await outbox.flush();
    expect(sent).toHaveLength(2);
    expect(outbox.current.value?.status).toBe('locked');
  });

  it('is left alone once the run is over for this device, even one that was just being sent', async () => {
    let lost: (error: Error) => void = () => undefined;
    let sent = 0;
    const kept: Entry = { question: 0, answer: 1 };
    const saved: (Entry | null)[] = [];
    const outbox = new Outbox({
      send: () => {
        sent += 1;
        return new Promise((_resolve, reject) => (lost = reject));
      },
      store: { load: () => kept, save: (entry) => saved.push(entry) },
    });
    void outbox.flush();
    outbox.stop();
    lost(new Error('lost'));
    await vi.advanceTimersByTimeAsync(60_000);
    await outbox.flush();
    expect([sent, saved]).toEqual([1, []]);
  });

  it('survives a reload', async () => {
    const { outbox, sent } = outboxWith([recorded], { question: 1, answer: 7 });
    expect(outbox.current.value).toEqual({ question: 1, answer: 7, status: 'sent' });
    await outbox.flush();
    expect(sent).toEqual([{ question: 1, answer: 7 }]);
  });

  it('cannot be replaced, however often a tile is tapped', async () => {
    const { outbox, sent } = outboxWith([recorded]);
    outbox.give(0, 1);
    outbox.give(0, 2);
    await vi.advanceTimersByTimeAsync(0);
    outbox.give(0, 3);
    expect(sent).toEqual([{ question: 0, answer: 1 }]);
  });

  it('can be given again after a permanent refusal', async () => {
    const { outbox, sent } = outboxWith([refused('answer_invalid', false), recorded]);
    outbox.give(0, 'x');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sent).toHaveLength(1);
    expect(outbox.current.value).toMatchObject({
      status: 'refused',
      error: { code: 'answer_invalid' },
    });
    outbox.give(0, 'y');
    await vi.advanceTimersByTimeAsync(0);
    expect(outbox.current.value?.status).toBe('locked');
  });

  it('is replaced by that of the next question', async () => {
    let first: (ack: Ack<AnswerAck>) => void = () => undefined;
    const sent: number[] = [];
    const outbox = new Outbox({
      send: (question) => {
        sent.push(question);
        return question === 0
          ? new Promise((resolve) => (first = resolve))
          : Promise.resolve(recorded);
      },
      store: { load: () => null, save: () => undefined },
    });
    outbox.give(0, 1);
    outbox.give(1, 0);
    first(refused('answer_invalid', false));
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual([0, 1]);
    expect(outbox.current.value).toMatchObject({ question: 1, status: 'locked' });
  });

  it('comes from the server when it was given on another device', () => {
    const { outbox } = outboxWith([]);
    outbox.known(2, 'Paris');
    expect(outbox.current.value).toMatchObject({
      answer: 'Paris',
      status: 'locked',
      elapsed_ms: null,
    });
  });
});
