/** The commands a host can send in each state of a run. The server decides. */
import type { HostState } from '@/live/state';

export type Command =
  | 'start'
  | 'pause'
  | 'resume'
  | 'next'
  | 'skip'
  | 'end'
  | 'lock'
  | 'unlock'
  | 'show-standings'
  | 'hide-standings';

export interface Controls {
  /** The command that advances the run; `null` while it advances by itself, or is over. */
  primary: 'start' | 'resume' | 'next' | 'skip' | null;
  enabled: ReadonlySet<Command>;
}

export type Standing = Pick<HostState, 'phase' | 'paused' | 'locked'> & {
  /** Whether the answers have not opened yet. */
  reading?: boolean;
};

const NOTHING: Controls = { primary: null, enabled: new Set() };

export function controlsOf({ phase, paused, locked, reading = false }: Standing): Controls {
  if (phase === 'finished' || phase === 'cancelled') return NOTHING;
  const enabled = new Set<Command>(['end', locked ? 'unlock' : 'lock']);
  if (paused && phase === 'lobby') return { primary: 'start', enabled: enabled.add('start') };
  if (paused) return { primary: 'resume', enabled: enabled.add('resume') };
  const primary = reading ? 'next' : forward(phase);
  if (primary) enabled.add(primary);
  // a lobby has no clock to pause
  if (phase !== 'lobby') enabled.add('pause');
  if (phase === 'question') enabled.add('skip');
  if (phase === 'reveal') enabled.add('show-standings').add('hide-standings');
  return { primary, enabled };
}

function forward(phase: 'lobby' | 'starting' | 'question' | 'reveal'): Controls['primary'] {
  switch (phase) {
    case 'lobby':
      return 'start';
    case 'question':
      return 'skip';
    case 'reveal':
      return 'next';
    case 'starting':
      return null; // advances by itself
  }
}

/** Whether the current question is the last, so that `next` ends the quiz. */
export function isLast(state: Pick<HostState, 'question' | 'question_count'>): boolean {
  return state.question != null && state.question.question + 1 >= state.question_count;
}

/**
 * The position of a run when a command was sent. The command has taken effect once the position
 * changes; pressing the button again before that could skip a question.
 */
export function positionOf({ phase, paused, question, round_break }: HostState): string {
  const { question: index = -1, opens_at = 0 } = question ?? {};
  return [phase, paused, index, opens_at, round_break != null].join(' ');
}
