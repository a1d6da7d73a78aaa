/** Which screen a player sees, by where the run stands and what the server's clock says. */
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
  /** Whether the time has come to read the question. */
  shown: boolean;
  /** Whether the question's `opens_at` has come. */
  opened: boolean;
  /** Whether its `closes_at` has. */
  closed: boolean;
  /** Whether the final result may be seen. */
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
      // a paused clock does not run out
      return closed && !state.paused ? 'counting' : 'question';
    case 'reveal':
      return state.round_break ? 'break' : 'reveal';
    case 'finished':
      return crowned ? 'finish' : 'finale';
    case 'cancelled':
      return 'cancelled';
  }
}
