/** A host's view of a run, for tests. */
import type { HostState } from '@/live/state';

export function hostState(change: Partial<HostState> = {}, question?: number): HostState {
  const state: HostState = {
    run_id: 'run',
    pin: '123456',
    title: 'Capitals',
    phase: question === undefined ? 'lobby' : 'question',
    paused: false,
    locked: false,
    version: 1,
    server_ms: 0,
    players: 2,
    question_count: 3,
    connections: 2,
    player_list: [
      { player_id: 'a', nickname: 'Ada' },
      { player_id: 'b', nickname: 'Bob' },
    ],
    progress: null,
    newcomers: [],
    ranks_before: {},
    ...change,
  };
  if (question === undefined) return state;
  return {
    ...state,
    question: {
      question,
      question_count: state.question_count,
      type: 'single',
      text: 'Capital of France?',
      options: ['Paris', 'Rome'],
      points: 1000,
      time_limit_ms: 20_000,
      opens_at: 0,
      closes_at: 20_000,
      paused_ms: 0,
    },
  };
}
