import { describe, expect, it } from 'vitest';

import { stillThere, withoutNames } from './departures';
import type { PlayState } from './state';

const state = {
  newcomers: ['Cleo', 'Rude', 'Ann'],
  reveal: {
    leaderboard: [
      { rank: 1, nickname: 'Rude', score: 900 },
      { rank: 2, nickname: 'Ann', score: 500 },
    ],
  },
} as unknown as PlayState;

describe('the name of a removed player', () => {
  it('disappears from the big screen and the leaderboard, while others keep their ranks', () => {
    const after = withoutNames(state, new Set(['Rude']));
    expect(after.newcomers).toEqual(['Cleo', 'Ann']);
    expect(after.reveal?.leaderboard).toEqual([{ rank: 2, nickname: 'Ann', score: 500 }]);
    expect(withoutNames(state, new Set())).toBe(state);
  });

  it('disappears with the next snapshot that lists everyone', () => {
    expect(stillThere(['Rude', 'Ann'], ['Ann'], 1)).toEqual(['Ann']);
    expect(stillThere(['Rude', 'Ann'], ['Ann'], 300)).toEqual(['Rude', 'Ann']);
  });
});
