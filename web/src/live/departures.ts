/** Names that go when the host removes their players: from walls, phones and leaderboards. */
import type { AnyState } from './state';

/** What is left to show. Others keep their ranks until the next standings. */
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

/** A list of names that was kept through a snapshot: those who have left meanwhile are not on it. */
export function stillThere(kept: string[], listed: string[], players: number): string[] {
  if (listed.length < players) return kept; // of a large run a snapshot names only the first
  const there = new Set(listed);
  return kept.filter((nickname) => there.has(nickname));
}
