/** What the big screen shows, by where the run stands and what the server's clock says. */
import { crowns, hasStandings, standingsFollow } from '@/control/standings';
import type { HostState } from '@/live/state';

export type View =
  | 'lobby'
  | 'countdown'
  | 'ready'
  | 'reading'
  | 'question'
  | 'counting'
  | 'solution'
  | 'standings'
  | 'break'
  | 'podium'
  | 'end'
  | 'cancelled';

export interface Moments {
  /** Whether the time has come to read the question. */
  shown: boolean;
  /** Whether the question's `opens_at` has come. */
  opened: boolean;
  /** Whether its `closes_at` has. */
  closed: boolean;
  /** Whether the right answer has been seen long enough. */
  seen: boolean;
}

export function viewOf(state: HostState, { shown, opened, closed, seen }: Moments): View {
  switch (state.phase) {
    case 'lobby':
      return 'lobby';
    case 'starting':
      return 'countdown';
    case 'question':
      if (!opened) return shown && state.question?.shows_at != null ? 'reading' : 'ready';
      // a paused clock does not run out
      return closed && !state.paused ? 'counting' : 'question';
    case 'reveal':
      if (state.standings_shown && hasStandings(state)) return 'standings';
      if (state.round_break) return 'break';
      return seen && standingsFollow(state) ? 'standings' : 'solution';
    case 'finished':
      return crowns(state) ? 'podium' : 'end';
    case 'cancelled':
      return 'cancelled';
  }
}

/** How a reveal goes on: what the reveal says of itself, and the setting that it follows from. */
export interface Lasting {
  /** Missing where the host ends the reveal. */
  lasts_ms?: number | null | undefined;
  reveal?: 'fixed' | 'auto' | undefined;
}

const MANUAL_MS = 8_000;
const SHARE = 0.55;
const MOST_MS = 10_000;
/** What standings need of a reveal that lasts as its explanation takes to read. */
const STANDINGS_MS = 5_000;

/** How long the right answer stays before the standings take its place. */
export function solutionMs({ lasts_ms, reveal }: Lasting): number {
  if (lasts_ms == null) return MANUAL_MS;
  if (reveal === 'auto') return Math.max(lasts_ms * SHARE, lasts_ms - STANDINGS_MS);
  return Math.min(MOST_MS, lasts_ms * SHARE);
}
