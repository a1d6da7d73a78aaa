/** Sample states of a run. */
import type { HostState } from '@/live/state';
import type { OpenQuestion, RevealFields } from '@/protocol/messages';

export function question(changes: Partial<OpenQuestion> = {}): OpenQuestion {
  return {
    question: 0,
    question_count: 3,
    type: 'single',
    text: 'Which ocean is the largest?',
    options: ['Atlantic', 'Indian', 'Pacific'],
    points: 1000,
    time_limit_ms: 20_000,
    opens_at: 1_000_000,
    closes_at: 1_020_000,
    paused_ms: 0,
    ...changes,
  };
}

export function reveal(changes: Partial<RevealFields> = {}): RevealFields {
  return {
    question: 0,
    solution: [2],
    distribution: [1, 0, 4],
    leaderboard: [{ rank: 1, nickname: 'Ada', score: 900 }],
    ...changes,
  };
}

export function hostState(changes: Partial<HostState> = {}): HostState {
  return {
    run_id: 'a-run',
    pin: '482913',
    title: 'Oceans',
    phase: 'lobby',
    paused: false,
    locked: false,
    version: 1,
    server_ms: 1_000_000,
    players: 2,
    question_count: 3,
    connections: 2,
    player_list: [],
    progress: null,
    newcomers: [],
    ranks_before: {},
    ...changes,
  };
}
