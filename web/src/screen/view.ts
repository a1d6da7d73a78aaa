/** What the big screen shows, by where the run stands and what the server's clock says. */
import type { HostState } from '@/live/state';

export type View =
  | 'lobby'
  | 'countdown'
  | 'ready'
  | 'question'
  | 'counting'
  | 'solution'
  | 'standings'
  | 'podium'
  | 'cancelled';

export interface Moments {
  /** Whether the question's `opens_at` has come. */
  opened: boolean;
  /** Whether its `closes_at` has. */
  closed: boolean;
  /** Whether the right answer has been seen long enough. */
  seen: boolean;
}

export function viewOf(state: HostState, { opened, closed, seen }: Moments): View {
  switch (state.phase) {
    case 'lobby':
      return 'lobby';
    case 'starting':
      return 'countdown';
    case 'question':
      if (!opened) return 'ready';
      // a paused clock does not run out
      return closed && !state.paused ? 'counting' : 'question';
    case 'reveal':
      return seen && hasStandings(state) ? 'standings' : 'solution';
    case 'finished':
      return 'podium';
    case 'cancelled':
      return 'cancelled';
  }
}

/** Before anyone has points there is nothing to rank; after the last question the podium tells. */
export function hasStandings(state: HostState): boolean {
  const { question, reveal } = state;
  if (!reveal) return false;
  const last = question ? question.question + 1 >= question.question_count : false;
  return !last && reveal.leaderboard.some((line) => line.score > 0);
}

/** A run's settings as far as they say how long a reveal lasts. */
export interface Advance {
  auto_advance?: boolean;
  reveal_s?: number;
}

const REVEAL_S = 5;
const MANUAL_MS = 8_000;
const SHARE = 0.55;
const MOST_MS = 10_000;

/** How long the right answer stays before the standings take its place. */
export function solutionMs({ auto_advance = true, reveal_s = REVEAL_S }: Advance): number {
  if (!auto_advance) return MANUAL_MS;
  return Math.min(MOST_MS, reveal_s * 1000 * SHARE);
}
