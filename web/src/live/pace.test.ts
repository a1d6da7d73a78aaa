import { describe, expect, it } from 'vitest';

import { hostState, question, reveal } from '@/testing/samples';

import { applyHost, applyPlay, type PlayState } from './state';

const lines = reveal().leaderboard;

describe('the state of a run that the host advances', () => {
  it('tracks whether the standings are shown, until the next question', () => {
    let state = hostState({ phase: 'reveal', question: question(), reveal: reveal() });
    const message = { question: question().question, shown: true, leaderboard: lines };
    state = applyHost(state, { event: 'standings', message })!;
    expect(state.standings_shown).toBe(true);
    state = applyHost(state, { event: 'standings', message: { ...message, question: 9 } })!;
    expect(state.standings_shown).toBe(true);
    state = applyHost(state, { event: 'question', message: question({ question: 1 }) })!;
    expect(state).not.toHaveProperty('standings_shown');
  });

  it('has a break that a pause moves and the next question ends', () => {
    let state = hostState({ phase: 'reveal', question: question(), reveal: reveal() });
    const message = { ends_at: 1_000, round: 1, rounds: 2 };
    state = applyHost(state, { event: 'round_break', message })!;
    state = applyHost(state, { event: 'paused', message: { phase: 'reveal', remaining_ms: 500 } })!;
    const resumed = { phase: 'reveal' as const, closes_at: null, paused_ms: 0 };
    state = applyHost(state, { event: 'resumed', message: { ...resumed, break_ends_at: 9_000 } })!;
    expect(state.round_break).toEqual({ ...message, ends_at: 9_000 });
    state = applyHost(state, { event: 'question', message: question({ question: 1 }) })!;
    expect(state).not.toHaveProperty('round_break');
  });

  it('keeps the reading time left when paused during reading', () => {
    let state = hostState({ phase: 'question', question: question({ shows_at: 1 }) });
    const stop = { phase: 'question' as const, remaining_ms: 9_000, reading: true };
    state = applyHost(state, { event: 'paused', message: stop })!;
    expect(state.question?.reading).toBe(true);
    const go = { phase: 'question' as const, closes_at: 20_000, paused_ms: 4_000 };
    state = applyHost(state, { event: 'resumed', message: go })!;
    expect(state.question).toMatchObject({ closes_at: 20_000, paused_ms: 4_000 });
    expect(state.question).not.toHaveProperty('reading');
  });

  it('applies changed settings', () => {
    const settings = { timer: false, leaderboard: false, phones: 'buttons' as const };
    const state = applyPlay({} as PlayState, { event: 'settings', message: { settings } });
    expect(state?.settings).toEqual(settings);
  });
});
