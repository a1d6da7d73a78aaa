/** Whether there are standings to show, and whether they are shown automatically. */
import type { HostState } from '@/live/state';

/** There is nothing to rank before the first points; after the last question the podium follows. */
export function hasStandings(state: HostState): boolean {
  const { question, reveal, settings } = state;
  if (!reveal || settings?.leaderboard === 'off') return false;
  const last = question ? question.question + 1 >= question.question_count : false;
  return !last && reveal.leaderboard.some((line) => line.score > 0);
}

/** Whether standings follow the solution automatically, unless the host has hidden them. */
export function standingsFollow(state: HostState): boolean {
  if (state.standings_shown === false || state.reveal?.standings === false) return false;
  return hasStandings(state);
}

/** Whether there is a winner: not without points, nor when players are not compared. */
export function crowns({ outcome, settings }: HostState): boolean {
  return settings?.leaderboard !== 'off' && (outcome?.podium.length ?? 0) > 0;
}
