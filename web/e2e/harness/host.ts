/** A host that uses the HTTP API, for tests not about the host pages. */
import type { APIRequestContext, BrowserContext } from '@playwright/test';

import type { Quiz } from './quizzes.ts';

const PASSWORD = 'correct horse battery';

export interface Settings {
  countdown_s?: number;
  reveal_s?: number;
  auto_advance?: boolean;
  late_join?: boolean;
  max_players?: number;
  own_extra_time?: number;
  approve_players?: boolean;
  names?: 'chosen' | 'generated';
  moderate_answers?: boolean;
  reading_s?: number | 'auto';
  timer?: boolean;
  leaderboard?: 'shown' | 'asked' | 'off';
  break_every?: number;
  break_s?: number;
  phones?: 'full' | 'buttons';
  rehearsal?: boolean;
}

export class Host {
  private constructor(
    private readonly http: APIRequestContext,
    private readonly url: string,
    readonly email: string,
  ) {}

  /** Create an account and sign in within the browser context. */
  static async signUp(context: BrowserContext, url: string): Promise<Host> {
    const email = `host-${crypto.randomUUID()}@example.org`;
    const host = new Host(context.request, url, email);
    await host.call('POST', '/auth/register', { email, password: PASSWORD, display_name: 'Grace' });
    return host;
  }

  /** Sign in to an existing account in another browser. */
  static async signIn(
    context: BrowserContext,
    url: string,
    email: string,
    password = PASSWORD,
  ): Promise<Host> {
    const host = new Host(context.request, url, email);
    await host.call('POST', '/auth/login', { email, password });
    return host;
  }

  static get password(): string {
    return PASSWORD;
  }

  async createQuiz(quiz: Quiz): Promise<string> {
    return (await this.call<{ id: string }>('POST', '/quizzes', quiz)).id;
  }

  /** Open the lobby of a run of a new or existing quiz. */
  async open(quiz: Quiz | string, settings: Settings = {}): Promise<Run> {
    const quiz_id = typeof quiz === 'string' ? quiz : await this.createQuiz(quiz);
    const opened = await this.call<{ run_id: string; pin: string }>('POST', '/runs', {
      quiz_id,
      settings: { countdown_s: 0, reveal_s: 1, ...settings },
    });
    return new Run(this, opened.run_id, opened.pin);
  }

  async call<T>(method: 'GET' | 'POST', path: string, data?: unknown): Promise<T> {
    const answer = await this.http.fetch(`${this.url}/api/v1${path}`, {
      method,
      ...(data === undefined ? {} : { data }),
    });
    if (!answer.ok())
      throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}

export type Command = 'start' | 'pause' | 'resume' | 'next' | 'skip' | 'end' | 'lock' | 'unlock';

export interface RunView {
  phase: string;
  question: number | null;
  opens_at: number | null;
  closes_at: number | null;
  players: number;
}

export interface PlayerResult {
  nickname: string;
  score: number;
  rank: number;
  answers: { question: number; answer: unknown; elapsed_ms: number; points: number | null }[];
}

export class Run {
  constructor(
    private readonly host: Host,
    readonly id: string,
    readonly pin: string,
  ) {}

  command(command: Command): Promise<RunView> {
    return this.host.call('POST', `/runs/${this.id}/${command}`);
  }

  view(): Promise<RunView> {
    return this.host.call('GET', `/runs/${this.id}`);
  }

  async results(): Promise<PlayerResult[]> {
    return (await this.host.call<{ players: PlayerResult[] }>('GET', `/runs/${this.id}/results`))
      .players;
  }

  /** The extra time of each player, as a percentage. */
  async extraTimes(): Promise<number[]> {
    const players = await this.host.call<{ items: { extra_time: number }[] }>(
      'GET',
      `/runs/${this.id}/players`,
    );
    return players.items.map(({ extra_time }) => extra_time);
  }

  async kick(nickname: string): Promise<void> {
    const page = await this.host.call<{ items: { player_id: string; nickname: string }[] }>(
      'GET',
      `/runs/${this.id}/players?limit=100`,
    );
    const player = page.items.find((one) => one.nickname === nickname);
    if (!player) throw new Error(`There is no ${nickname}.`);
    await this.host.call('POST', `/runs/${this.id}/players/${player.player_id}/kick`);
  }
}
