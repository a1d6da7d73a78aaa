/** Which screen a player sees, by where the run stands and what the server's clock says. */
import type { PlayState } from '@/live/state';

export type Screen =
  'lobby' | 'countdown' | 'ready' | 'question' | 'counting' | 'reveal' | 'finish' | 'cancelled';

export interface Moments {
  /** Whether the question's `opens_at` has come. */
  opened: boolean;
  /** Whether its `closes_at` has. */
  closed: boolean;
}

export function screenOf(state: PlayState, { opened, closed }: Moments): Screen {
  switch (state.phase) {
    case 'lobby':
      return 'lobby';
    case 'starting':
      return 'countdown';
    case 'question':
      // a paused clock does not run out
      if (state.paused) return opened ? 'question' : 'ready';
      if (!opened) return 'ready';
      return closed ? 'counting' : 'question';
    case 'reveal':
      return 'reveal';
    case 'finished':
      return 'finish';
    case 'cancelled':
      return 'cancelled';
  }
}
