import { describe, expect, it } from 'vitest';

import { hostState } from '@/control/testing';

import { mergedPlayers } from './roster';

const line = (player_id: string, nickname: string, connected: boolean) => ({
  player_id,
  nickname,
  connected,
  rank: 1,
  score: 5,
  streak: 0,
});

describe('the player list', () => {
  it('shows newcomers at once, with what is known of the others', () => {
    const players = mergedPlayers([line('a', 'Ada', true)], hostState(), '');
    expect(players).toEqual([
      { player_id: 'a', nickname: 'Ada', score: 5, connected: true, extra_time: 100 },
      { player_id: 'b', nickname: 'Bob', score: 0, connected: null, extra_time: 100 },
    ]);
  });

  it('omits players removed after it was loaded', () => {
    const state = hostState({ players: 1, player_list: [{ player_id: 'b', nickname: 'Bob' }] });
    expect(mergedPlayers([line('a', 'Ada', true)], state, '')).toMatchObject([{ nickname: 'Bob' }]);
  });

  it('is searched case-insensitively', () => {
    expect(mergedPlayers([], hostState(), 'BO')).toMatchObject([{ nickname: 'Bob' }]);
  });

  it('of a large run comes from the server', () => {
    const asked = [line('z', 'Zoe', false)];
    expect(mergedPlayers(asked, hostState({ players: 1000 }), '')).toMatchObject([
      { nickname: 'Zoe' },
    ]);
  });
});
