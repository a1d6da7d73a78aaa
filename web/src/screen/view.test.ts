import { describe, expect, it } from 'vitest';

import type { HostState } from '@/live/state';
import { hostState, question, reveal } from '@/testing/samples';

import { solutionMs, viewOf } from './view';

const moments = { shown: false, opened: false, closed: false, seen: false };

describe('what the big screen shows', () => {
  it('holds a question back until the server says it opens', () => {
    const asked = hostState({ phase: 'question', question: question() });
    expect(viewOf(asked, moments)).toBe('ready');
    expect(viewOf(asked, { ...moments, opened: true })).toBe('question');
    expect(viewOf(asked, { ...moments, opened: true, closed: true })).toBe('counting');
  });

  it('keeps a paused question, which does not expire', () => {
    const paused = hostState({ phase: 'question', question: question(), paused: true });
    expect(viewOf(paused, { ...moments, opened: true, closed: true })).toBe('question');
  });

  it('shows the solution first, then the standings', () => {
    const revealed = hostState({ phase: 'reveal', question: question(), reveal: reveal() });
    expect(viewOf(revealed, moments)).toBe('solution');
    expect(viewOf(revealed, { ...moments, seen: true })).toBe('standings');
  });

  it('shows no standings before the first points, nor after the last question', () => {
    const nobody = reveal({ leaderboard: [{ rank: 1, nickname: 'Ada', score: 0 }] });
    const early = hostState({ phase: 'reveal', question: question(), reveal: nobody });
    expect(viewOf(early, { ...moments, seen: true })).toBe('solution');
    const last = hostState({
      phase: 'reveal',
      question: question({ question: 2 }),
      reveal: reveal(),
    });
    expect(viewOf(last, { ...moments, seen: true })).toBe('solution');
  });

  it.each([
    ['lobby', 'lobby'],
    ['starting', 'countdown'],
    ['finished', 'end'],
    ['cancelled', 'cancelled'],
  ] as const)('in the phase %s is the view %s', (phase, view) => {
    expect(viewOf(hostState({ phase }), moments)).toBe(view);
  });
});

describe('standings', () => {
  const revealed = (change: Partial<HostState>, follow = true) =>
    hostState({
      phase: 'reveal',
      question: question(),
      reveal: reveal({ standings: follow }),
      ...change,
    });
  const seen = { ...moments, seen: true };

  it('do not follow a question that does not change them, unless the host asks for them', () => {
    expect(viewOf(revealed({}, false), seen)).toBe('solution');
    expect(viewOf(revealed({ standings_shown: true }, false), moments)).toBe('standings');
  });

  it('stay hidden once the host has hidden them', () => {
    expect(viewOf(revealed({ standings_shown: false }), seen)).toBe('solution');
  });

  it('give way to a break, unless the host asks for them', () => {
    const round_break = { ends_at: 1, round: 1, rounds: 2 };
    expect(viewOf(revealed({ round_break }), seen)).toBe('break');
    expect(viewOf(revealed({ round_break, standings_shown: true }), seen)).toBe('standings');
  });
});

describe('the finish', () => {
  const outcome = { podium: reveal().leaderboard, leaderboard: reveal().leaderboard, players: 2 };

  it('has winners only among those who have points', () => {
    expect(viewOf(hostState({ phase: 'finished', outcome }), moments)).toBe('podium');
    const nobody = hostState({ phase: 'finished', outcome: { ...outcome, podium: [] } });
    expect(viewOf(nobody, moments)).toBe('end');
  });
});

describe('the time for the solution', () => {
  it.each(['fixed', 'auto'] as const)('leaves room for the standings: %s', (kind) => {
    for (const lasts_ms of [1_000, 5_000, 20_000, 300_000])
      expect(solutionMs({ lasts_ms, reveal: kind })).toBeLessThan(lasts_ms);
  });

  it('is what the explanation leaves of the reveal', () => {
    expect(solutionMs({ lasts_ms: 30_000, reveal: 'auto' })).toBe(25_000);
  });

  it('has a fixed length when the host ends the reveal', () => {
    expect(solutionMs({})).toBeGreaterThan(5_000);
  });
});
