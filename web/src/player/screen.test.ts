import { describe, expect, it } from 'vitest';

import type { PlayState } from '@/live/state';

import { screenOf, type Moments, type Screen } from './screen';

const before: Moments = { opened: false, closed: false };
const during: Moments = { opened: true, closed: false };
const after: Moments = { opened: true, closed: true };

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
    ['finished', false, before, 'finish'],
    ['cancelled', false, before, 'cancelled'],
  ])('in phase %s (paused: %j, %j) is %s', (phase, paused, moments, screen) => {
    expect(screenOf({ phase, paused } as PlayState, moments)).toBe(screen);
  });
});
