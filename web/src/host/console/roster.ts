/** The player list: the loaded page, updated by the stream. */
import type { HostState } from '@/live/state';

import type { PlayerLine } from '../types';

export interface RosterPlayer {
  player_id: string;
  nickname: string;
  score: number;
  /** `null` when unknown. */
  connected: boolean | null;
  /** Percent of the time limit; 0 means no limit. */
  extra_time: number;
}

/** Number of players named by the stream; larger runs must be loaded from the server. */
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
