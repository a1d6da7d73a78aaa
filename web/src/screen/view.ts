/** What the big screen shows, from the run's state and the server's clock. */
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
  /** Whether the question is shown yet. */
  shown: boolean;
  /** Whether the question's `opens_at` has passed. */
  opened: boolean;
  /** Whether its `closes_at` has passed. */
  closed: boolean;
  /** Whether the solution has been shown long enough. */
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
      // a paused question does not expire
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

/** The reveal's duration and the setting it was derived from. */
export interface Lasting {
  /** Absent when the host ends the reveal. */
  lasts_ms?: number | null | undefined;
  reveal?: 'fixed' | 'auto' | undefined;
}

const MANUAL_MS = 8_000;
const SHARE = 0.55;
const MOST_MS = 10_000;
/** Time for the standings when the reveal lasts as long as its explanation takes to read. */
const STANDINGS_MS = 5_000;

/** How long the solution is shown before the standings replace it. */
export function solutionMs({ lasts_ms, reveal }: Lasting): number {
  if (lasts_ms == null) return MANUAL_MS;
  if (reveal === 'auto') return Math.max(lasts_ms * SHARE, lasts_ms - STANDINGS_MS);
  return Math.min(MOST_MS, lasts_ms * SHARE);
}
