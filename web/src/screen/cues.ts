/** Pure functions that derive sound cues from the previous and the current view. */
import type { View } from './view';

export type Cue = 'join' | 'tick' | 'open' | 'hurry' | 'time_up' | 'reveal' | 'drum' | 'fanfare';

export interface Scene {
  view: View;
  paused: boolean;
  players: number;
  /** Whole seconds left of the countdown or the question. */
  seconds: number;
}

const HURRY_S = 5;
const TICKS_S = 5;

export function cueOf(before: Scene, now: Scene): Cue | null {
  if (before.view !== now.view) return OPENING[now.view] ?? null;
  if (now.paused) return null;
  if (now.view === 'lobby') return now.players > before.players ? 'join' : null;
  if (now.seconds === before.seconds || now.seconds === 0) return null;
  if (now.view === 'countdown') return now.seconds <= TICKS_S ? 'tick' : null;
  if (now.view === 'question') return now.seconds <= HURRY_S ? 'hurry' : null;
  return null;
}

const OPENING: Partial<Record<View, Cue>> = {
  countdown: 'tick',
  question: 'open',
  counting: 'time_up',
  solution: 'reveal',
  podium: 'drum',
};
