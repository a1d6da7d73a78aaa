/** The players as the list shows them: what was asked for, with what the stream has told since. */
import type { HostState } from '@/live/state';

import type { PlayerLine } from '../types';

export interface RosterPlayer {
  player_id: string;
  nickname: string;
  score: number;
  /** `null` when that is not known. */
  connected: boolean | null;
  /** Percent of the time limits; 0 is no limit. */
  extra_time: number;
}

/** So many the stream names; of larger runs only the server knows all. */
export const NAMED = 200;

export function mergedPlayers(
  asked: readonly PlayerLine[],
  state: Pick<HostState, 'players' | 'player_list'>,
  search: string,
): RosterPlayer[] {
  if (state.players > NAMED)
    return asked.map((player) => ({ ...player, extra_time: player.extra_time ?? 100 }));
  const details = new Map(asked.map((player) => [player.player_id, player]));
  const wanted = search.toLocaleLowerCase();
  return state.player_list
    .filter((player) => player.nickname.toLocaleLowerCase().includes(wanted))
    .map(({ player_id, nickname }) => {
      const { score = 0, connected = null, extra_time = 100 } = details.get(player_id) ?? {};
      return { player_id, nickname, score, connected, extra_time };
    });
}
