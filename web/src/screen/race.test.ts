import { describe, expect, it } from 'vitest';

import { racers } from './race';

const lines = [
  { rank: 1, nickname: 'Ada', score: 2_000 },
  { rank: 2, nickname: 'Bo', score: 1_500 },
  { rank: 3, nickname: 'Cleo', score: 1_000 },
];
const before = { Bo: 1, Ada: 3 };

describe('the standings', () => {
  it('begin in the previous order, with newcomers at the end', () => {
    const start = racers(lines, before, false);
    expect(start.map((racer) => racer.nickname)).toEqual(['Bo', 'Ada', 'Cleo']);
    expect(start.every((racer) => !racer.arrived)).toBe(true);
  });

  it('end in the current order, with the places each player has moved', () => {
    const end = racers(lines, before, true);
    expect(end.map((racer) => racer.nickname)).toEqual(['Ada', 'Bo', 'Cleo']);
    expect(end.map((racer) => racer.moved)).toEqual([2, -1, null]);
    expect(end.map((racer) => racer.share)).toEqual([1, 0.75, 0.5]);
  });

  it('are final at once when previous ranks are unknown', () => {
    expect(racers(lines, {}, false).every((racer) => racer.arrived && !racer.known)).toBe(true);
  });
});
