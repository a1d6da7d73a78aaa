import { describe, expect, it } from 'vitest';

import { hostState, question, reveal } from '@/testing/samples';

import { solutionMs, viewOf } from './view';

const moments = { opened: false, closed: false, seen: false };

describe('what the big screen shows', () => {
  it('holds a question back until the server says it opens', () => {
    const asked = hostState({ phase: 'question', question: question() });
    expect(viewOf(asked, moments)).toBe('ready');
    expect(viewOf(asked, { ...moments, opened: true })).toBe('question');
    expect(viewOf(asked, { ...moments, opened: true, closed: true })).toBe('counting');
  });

  it('keeps a paused question, whose clock does not run out', () => {
    const paused = hostState({ phase: 'question', question: question(), paused: true });
    expect(viewOf(paused, { ...moments, opened: true, closed: true })).toBe('question');
  });

  it('shows the right answer first, then the standings', () => {
    const revealed = hostState({ phase: 'reveal', question: question(), reveal: reveal() });
    expect(viewOf(revealed, moments)).toBe('solution');
    expect(viewOf(revealed, { ...moments, seen: true })).toBe('standings');
  });

  it('shows no standings while nobody has points, nor after the last question', () => {
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
    ['finished', 'podium'],
    ['cancelled', 'cancelled'],
  ] as const)('in the phase %s is the view %s', (phase, view) => {
    expect(viewOf(hostState({ phase }), moments)).toBe(view);
  });
});

describe('the time for the right answer', () => {
  it('leaves room for the standings within the reveal', () => {
    for (const reveal_s of [1, 5, 20, 300])
      expect(solutionMs({ auto_advance: true, reveal_s })).toBeLessThan(reveal_s * 1000);
  });

  it('is the same however long the reveal when the host advances', () => {
    expect(solutionMs({ auto_advance: false, reveal_s: 1 })).toBe(
      solutionMs({ auto_advance: false, reveal_s: 60 }),
    );
  });
});
