/**
 * Pure reducers for a client's view of a run. The state is a snapshot kept up to date by events, in
 * wire format. It always equals the snapshot the server would send now, except for `version`,
 * `server_ms`, and the deadlines of a paused run, which only a snapshot moves.
 */
import type {
  Answers,
  Closed,
  Finished,
  HostLobby,
  HostProgress,
  HostSnapshot,
  Lobby,
  OwnExtraTime,
  OwnOutcome,
  OwnResult,
  Paused,
  Progress,
  Question,
  Resumed,
  Reveal,
  RoundBreak,
  Settings,
  Snapshot,
  Standings,
  Starting,
} from '@/protocol/messages';

import { stillThere, withoutNames } from './departures';

/** State that a client keeps beyond the snapshot. */
export interface Seen<P extends Progress> {
  /** How many have answered the current question; `null` before the first progress event. */
  progress: P | null;
  /** Names of the latest players to join, newest first. */
  newcomers: string[];
  /** The leaderboard ranks before the current reveal, by nickname, to show who moved. */
  ranks_before: Record<string, number>;
}

export type Answer = number | string | number[];

export type PlayState = Snapshot & Seen<Progress>;
export type HostState = HostSnapshot & Seen<HostProgress>;
export type AnyState = PlayState | HostState;

/** An event and its payload. */
export type CommonEvent =
  | { event: 'starting'; message: Starting }
  | { event: 'question'; message: Question }
  | { event: 'paused'; message: Paused }
  | { event: 'resumed'; message: Resumed }
  | { event: 'closed'; message: Closed }
  | { event: 'answers'; message: Answers }
  | { event: 'reveal'; message: Reveal; own?: OwnResult | null }
  | { event: 'standings'; message: Standings }
  | { event: 'round_break'; message: RoundBreak }
  | { event: 'finished'; message: Finished; own?: OwnOutcome | null };

export type PlayEvent =
  | CommonEvent
  | { event: 'snapshot'; message: Snapshot }
  | { event: 'lobby'; message: Lobby }
  | { event: 'progress'; message: Progress }
  | { event: 'settings'; message: Settings }
  | { event: 'extra_time'; message: OwnExtraTime }
  /** The player's own answer has been acknowledged. */
  | { event: 'answered'; message: { question: number; answer: Answer } };

export type HostEvent =
  | CommonEvent
  | { event: 'snapshot'; message: HostSnapshot }
  | { event: 'lobby'; message: HostLobby }
  | { event: 'progress'; message: HostProgress };

const NEWCOMERS_KEPT = 60;

export function applyPlay(state: PlayState | null, event: PlayEvent): PlayState | null {
  if (event.event === 'snapshot') return { ...event.message, ...seenBefore(state, event.message) };
  if (state === null) return null;
  switch (event.event) {
    case 'lobby': {
      const { players, joined, left } = event.message;
      const next = withoutNames({ ...state, players }, new Set(left));
      return { ...next, newcomers: withNewcomers(next.newcomers, joined) };
    }
    case 'progress':
      return withProgress(state, event.message);
    case 'settings':
      return { ...state, settings: event.message.settings };
    case 'extra_time':
      return { ...state, you: { ...state.you, extra_time: event.message } };
    case 'answered': {
      const { question, answer } = event.message;
      if (state.question?.question !== question) return state;
      return { ...state, you: { ...state.you, answered: true, answer } };
    }
    case 'question': {
      const again = state.question?.question === event.message.question;
      const next = applyCommon(state, event);
      if (!again) {
        const { answer: _, ...you } = next.you;
        next.you = { ...you, answered: false };
      }
      return next;
    }
    case 'reveal': {
      const next = applyCommon(state, event);
      if (event.own) {
        const { score, rank, streak } = event.own;
        next.your_result = event.own;
        next.you = { ...next.you, score, rank, streak };
      }
      return next;
    }
    case 'finished': {
      const next = applyCommon(state, event);
      if (event.own) next.you = { ...next.you, score: event.own.score, rank: event.own.rank };
      return next;
    }
    default:
      return applyCommon(state, event);
  }
}

export function applyHost(state: HostState | null, event: HostEvent): HostState | null {
  if (event.event === 'snapshot') return { ...event.message, ...seenBefore(state, event.message) };
  if (state === null) return null;
  switch (event.event) {
    case 'lobby':
      return withHostLobby(state, event.message);
    case 'progress':
      return { ...withProgress(state, event.message), connections: event.message.connections };
    default: {
      // any event of an abandoned run keeps it alive
      const { ends_at: _, ...rest } = applyCommon(state, event);
      return rest;
    }
  }
}

/**
 * Apply what is common to players and hosts. Returns a new object, which may share parts with the
 * old one.
 */
function applyCommon<S extends AnyState>(state: S, { event, message }: CommonEvent): S {
  const next = { ...state };
  switch (event) {
    case 'starting':
      next.phase = 'starting';
      next.starts_at = message.starts_at;
      break;
    case 'question': {
      const again = state.question?.question === message.question;
      leavePhase(next);
      next.phase = 'question';
      next.question = { ...message, paused_ms: 0 };
      next.progress = again ? state.progress : null;
      break;
    }
    case 'paused':
      next.phase = message.phase;
      next.paused = true;
      if (message.remaining_ms !== null) next.remaining_ms = message.remaining_ms;
      if (next.question && message.reading) next.question = { ...next.question, reading: true };
      if (message.overtime_ms != null) next.overtime_ms = message.overtime_ms;
      break;
    case 'resumed':
      next.phase = message.phase;
      next.paused = false;
      delete next.remaining_ms;
      delete next.overtime_ms;
      if (message.starts_at != null) next.starts_at = message.starts_at;
      if (next.question && message.closes_at !== null) {
        const { reading: _, ...question } = next.question;
        next.question = { ...question, closes_at: message.closes_at, paused_ms: message.paused_ms };
      }
      if (next.round_break && message.break_ends_at != null)
        next.round_break = { ...next.round_break, ends_at: message.break_ends_at };
      break;
    case 'reveal':
      next.phase = 'reveal';
      next.ranks_before = state.reveal ? state.ranks_before : ranksOf(state);
      next.reveal = message;
      delete next.remaining_ms;
      delete next.overtime_ms;
      break;
    case 'standings':
      if (next.reveal?.question !== message.question) break;
      next.standings_shown = message.shown;
      next.reveal = { ...next.reveal, leaderboard: message.leaderboard };
      break;
    case 'round_break':
      delete next.standings_shown;
      next.round_break = message;
      break;
    case 'answers':
      if (next.reveal?.question === message.question)
        next.reveal = { ...next.reveal, distribution: message.distribution };
      break;
    case 'closed':
      if (message.reason === 'cancelled') {
        leavePhase(next);
        next.phase = 'cancelled';
      }
      break;
    case 'finished':
      leavePhase(next);
      delete next.question;
      next.phase = 'finished';
      next.players = message.players;
      next.outcome = message;
      break;
  }
  return next;
}

/** Drop the fields of the previous phase. */
function leavePhase(next: AnyState): void {
  next.paused = false;
  next.ranks_before = next.reveal ? ranksOf(next) : next.ranks_before;
  delete next.starts_at;
  delete next.remaining_ms;
  delete next.overtime_ms;
  delete next.reveal;
  delete next.standings_shown;
  delete next.round_break;
  if ('your_result' in next) delete next.your_result;
}

function ranksOf(state: AnyState): Record<string, number> {
  const lines = state.reveal?.leaderboard;
  // before the first points everyone ranks first
  if (!lines?.some((line) => line.score > 0)) return state.ranks_before;
  return Object.fromEntries(lines.map((line) => [line.nickname, line.rank]));
}

function seenBefore<P extends Progress>(
  state: (AnyState & Seen<P>) | null,
  snapshot: Snapshot | HostSnapshot,
): Seen<P> {
  const same = state !== null && state.question?.question === snapshot.question?.question;
  const listed =
    'player_list' in snapshot
      ? snapshot.player_list.map((player) => player.nickname).reverse()
      : [];
  // only hosts get it with the snapshot
  const sent = 'progress' in snapshot ? (snapshot.progress as P | null) : null;
  return {
    progress: sent ?? (same ? state.progress : null),
    newcomers: newcomersAfter(state, snapshot, listed),
    ranks_before: state?.ranks_before ?? {},
  };
}

/**
 * Newcomers to keep after a reconnect. A phone that was offline cannot know who was removed
 * meanwhile, so its list starts empty.
 */
function newcomersAfter(
  state: AnyState | null,
  snapshot: Snapshot | HostSnapshot,
  listed: string[],
): string[] {
  if (!('player_list' in snapshot)) return [];
  if (!state?.newcomers.length) return listed.slice(0, NEWCOMERS_KEPT);
  return stillThere(state.newcomers, listed, snapshot.players);
}

function withNewcomers(known: string[], joined: string[]): string[] {
  return [...joined.toReversed(), ...known].slice(0, NEWCOMERS_KEPT);
}

function withProgress<P extends Progress, S extends AnyState & Seen<P>>(state: S, progress: P): S {
  if (state.question?.question !== progress.question) return state;
  return { ...state, progress, players: progress.players };
}

const PLAYERS_LISTED = 200;

function withHostLobby(state: HostState, lobby: HostLobby): HostState {
  const left = new Set(lobby.left);
  const gone = new Set(
    state.player_list.filter((player) => left.has(player.player_id)).map((one) => one.nickname),
  );
  const known = new Set(state.player_list.map((player) => player.player_id));
  const joined = lobby.joined.filter((player) => !known.has(player.player_id));
  const list = [...state.player_list, ...joined].filter((player) => !left.has(player.player_id));
  const next = withoutNames(state, gone);
  return {
    ...next,
    players: lobby.players,
    connections: lobby.connections,
    player_list: list.slice(0, PLAYERS_LISTED),
    newcomers: withNewcomers(
      next.newcomers,
      joined.map((player) => player.nickname),
    ),
  };
}
