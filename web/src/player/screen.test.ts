import { describe, expect, it } from 'vitest';

import type { PlayState } from '@/live/state';

import { screenOf, type Moments, type Screen } from './screen';

const before: Moments = { shown: false, opened: false, closed: false, crowned: false };
const during: Moments = { ...before, shown: true, opened: true };
const after: Moments = { ...during, closed: true };

describe('the screen of a player', () => {
  it.each<[PlayState['phase'], boolean, Moments, Screen]>([
    ['lobby', false, before, 'lobby'],
    ['starting', false, before, 'countdown'],
    ['question', false, before, 'ready'],
    ['question', false, during, 'question'],
    ['question', false, after, 'counting'],
    ['question', true, before, 'ready'],
    ['question', true, after, 'question'],
    ['reveal', false, after, 'reveal'],
    ['finished', false, before, 'finale'],
    ['finished', false, { ...before, crowned: true }, 'finish'],
    ['cancelled', false, before, 'cancelled'],
  ])('in phase %s (paused: %j, %j) is %s', (phase, paused, moments, screen) => {
    expect(screenOf({ phase, paused } as PlayState, moments)).toBe(screen);
  });

  it('shows the question until its answers open, also while paused', () => {
    const read = { phase: 'question', question: { shows_at: 5 } } as PlayState;
    expect(screenOf(read, before)).toBe('ready');
    expect(screenOf(read, { ...before, shown: true })).toBe('reading');
    expect(screenOf({ ...read, paused: true }, { ...before, shown: true })).toBe('reading');
    expect(screenOf(read, during)).toBe('question');
  });

  it('shows the break between two rounds', () => {
    const resting = { phase: 'reveal', round_break: { ends_at: 9, round: 1, rounds: 2 } };
    expect(screenOf(resting as PlayState, after)).toBe('break');
  });
});
