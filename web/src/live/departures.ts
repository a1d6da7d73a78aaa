/** Removes the names of kicked players from lists and leaderboards. */
import type { AnyState } from './state';

/** Remove names from the state. Others keep their ranks until the next standings. */
export function withoutNames<S extends AnyState>(state: S, names: ReadonlySet<string>): S {
  if (names.size === 0) return state;
  const stay = (nickname: string): boolean => !names.has(nickname);
  const next = { ...state, newcomers: state.newcomers.filter(stay) };
  if (next.reveal) {
    const leaderboard = next.reveal.leaderboard.filter((line) => stay(line.nickname));
    next.reveal = { ...next.reveal, leaderboard };
  }
  return next;
}

/** Drop from a list kept across a snapshot the names of players who left meanwhile. */
export function stillThere(kept: string[], listed: string[], players: number): string[] {
  if (listed.length < players) return kept; // the snapshot of a large run lists only some players
  const there = new Set(listed);
  return kept.filter((nickname) => there.has(nickname));
}
