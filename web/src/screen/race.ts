/** Lines of a leaderboard on their way from their places before to their places now. */
import type { LeaderboardLine } from '@/protocol/messages';

export interface Racer extends LeaderboardLine {
  /** Places won since the question before, `null` for who was not among the best. */
  moved: number | null;
  /** Whether it is known who stood where before. */
  known: boolean;
  /** Their part of the best score, 0 to 1. */
  share: number;
  /** Whether they have arrived at where they stand now. */
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

/** Newcomers to the list, all at Infinity, keep their order. */
function compare(one: number, other: number): number {
  return one === other ? 0 : one - other;
}
