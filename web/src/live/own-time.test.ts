import { describe, expect, it } from 'vitest';

import type { OwnExtraTime } from '@/protocol/messages';

import { ownClosesAt, ownLimitMs, ownRemainingMs, percentAt } from './own-time';
import { applyPlay, type PlayState } from './state';

function playing(extra_time?: OwnExtraTime, more: object = {}): PlayState {
  const question = {
    question: 1,
    type: 'single',
    time_limit_ms: 20_000,
    opens_at: 1_000,
    closes_at: 21_000,
    paused_ms: 0,
  };
  const you = { player_id: 'p', score: 0, ...(extra_time && { extra_time }) };
  return { phase: 'question', paused: false, question, you, ...more } as unknown as PlayState;
}

const extra = (percent: number, from_question = 0, before = 100): OwnExtraTime => ({
  percent,
  before,
  from_question,
});

describe('extra time', () => {
  it('is none for most players', () => {
    expect(percentAt(undefined, 3)).toBe(100);
    expect(ownClosesAt(playing())).toBe(21_000);
    expect(ownLimitMs(playing())).toBe(20_000);
  });

  it.each([
    [125, 26_000],
    [150, 31_000],
    [200, 41_000],
    [0, null],
  ])('of %i percent closes at %s', (percent, closes_at) => {
    expect(ownClosesAt(playing(extra(percent)))).toBe(closes_at);
  });

  it('changes with the next question', () => {
    expect(ownClosesAt(playing(extra(200, 2)))).toBe(21_000);
    expect(ownClosesAt(playing(extra(100, 2, 150)))).toBe(31_000);
    expect(ownClosesAt(playing(extra(200, 1)))).toBe(41_000);
  });

  it('does not prolong slides', () => {
    const state = playing(extra(200));
    state.question = { ...state.question!, type: 'slide' };
    expect(ownClosesAt(state)).toBe(21_000);
  });

  it('follows pauses, both before and after the question closes for others', () => {
    let state = applyPlay(playing(extra(200)), {
      event: 'paused',
      message: { phase: 'question', remaining_ms: 11_000 },
    })!;
    expect(ownRemainingMs(state)).toBe(31_000);
    state = applyPlay(playing(extra(200)), {
      event: 'paused',
      message: { phase: 'question', remaining_ms: 0, overtime_ms: 4_000 },
    })!;
    expect(ownRemainingMs(state)).toBe(16_000);
    expect(ownRemainingMs({ ...state, you: playing().you })).toBe(0);
    state = applyPlay(state, {
      event: 'resumed',
      message: { phase: 'question', closes_at: 71_000, paused_ms: 50_000 },
    })!;
    expect(state).not.toHaveProperty('overtime_ms');
    expect(ownClosesAt(state)).toBe(91_000);
  });

  it('follows the latest value from the server', () => {
    const state = applyPlay(playing(), { event: 'extra_time', message: extra(150, 2) })!;
    expect(state.you.extra_time).toEqual(extra(150, 2));
  });
});
