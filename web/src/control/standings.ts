/** Whether there are standings to show, and whether they come by themselves. */
import type { HostState } from '@/live/state';

/** Before anyone has points there is nothing to rank; after the last question the podium tells. */
export function hasStandings(state: HostState): boolean {
  const { question, reveal, settings } = state;
  if (!reveal || settings?.leaderboard === 'off') return false;
  const last = question ? question.question + 1 >= question.question_count : false;
  return !last && reveal.leaderboard.some((line) => line.score > 0);
}

/** Whether standings take the place of the right answer by themselves: not those sent away. */
export function standingsFollow(state: HostState): boolean {
  if (state.standings_shown === false || state.reveal?.standings === false) return false;
  return hasStandings(state);
}

/** Where nobody has points, or nobody shall be compared, nobody is crowned. */
export function crowns({ outcome, settings }: HostState): boolean {
  return settings?.leaderboard !== 'off' && (outcome?.podium.length ?? 0) > 0;
}
