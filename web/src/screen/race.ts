/** Leaderboard lines that move from their previous to their current places. */
import type { LeaderboardLine } from '@/protocol/messages';

export interface Racer extends LeaderboardLine {
  /** Places gained since the previous question; `null` if not on the previous leaderboard. */
  moved: number | null;
  /** Whether the previous ranks are known. */
  known: boolean;
  /** Fraction of the top score, 0 to 1. */
  share: number;
  /** Whether the lines have reached their current places. */
  arrived: boolean;
}

export function racers(
  lines: readonly LeaderboardLine[],
  before: Readonly<Record<string, number>>,
  arrived: boolean,
): Racer[] {
  const known = Object.keys(before).length > 0;
  const best = Math.max(1, ...lines.map((line) => line.score));
  const racing = lines.map((line) => {
    const old = before[line.nickname];
    return {
      ...line,
      moved: old === undefined ? null : old - line.rank,
      known,
      share: line.score / best,
      arrived: arrived || !known,
    };
  });
  if (arrived || !known) return racing;
  const place = (racer: Racer): number => before[racer.nickname] ?? Infinity;
  return racing.toSorted((one, other) => compare(place(one), place(other)));
}

/** Newcomers are all at Infinity and keep their order. */
function compare(one: number, other: number): number {
  return one === other ? 0 : one - other;
}
