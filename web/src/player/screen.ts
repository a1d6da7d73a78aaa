/** Which screen a player sees, from the run's state and the server's clock. */
import type { PlayState } from '@/live/state';

export type Screen =
  | 'lobby'
  | 'countdown'
  | 'ready'
  | 'reading'
  | 'question'
  | 'counting'
  | 'reveal'
  | 'break'
  | 'finale'
  | 'finish'
  | 'cancelled';

export interface Moments {
  /** Whether the question is shown yet. */
  shown: boolean;
  /** Whether the question's `opens_at` has passed. */
  opened: boolean;
  /** Whether its `closes_at` has passed. */
  closed: boolean;
  /** Whether the final result may be shown. */
  crowned: boolean;
}

export function screenOf(state: PlayState, { shown, opened, closed, crowned }: Moments): Screen {
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
      return state.round_break ? 'break' : 'reveal';
    case 'finished':
      return crowned ? 'finish' : 'finale';
    case 'cancelled':
      return 'cancelled';
  }
}
