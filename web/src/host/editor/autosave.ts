/**
 * Saves a quiz while it is being written.
 *
 * Every change is kept in the browser at once, and stored by the server as soon as the quiz is
 * complete and the typing has paused. What cannot be stored just now stays kept, and says why.
 */
import { shallowReadonly, shallowRef, type ShallowRef } from 'vue';

import { ApiError } from '@/api/problem';

import { fromServer } from './server-problems';
import { toQuiz, type Draft } from './draft';
import { problemsOf, type DraftProblem } from './validate';

import type { Quiz } from '../types';

export type SaveStatus =
  | { kind: 'saved' }
  /** Changed; it is saved when the typing pauses. */
  | { kind: 'waiting' }
  | { kind: 'saving' }
  /** The server takes only what is complete. */
  | { kind: 'incomplete'; problems: DraftProblem[] }
  /** It is tried again by itself. */
  | { kind: 'unreachable'; code: string }
  /** Somebody else has stored another version meanwhile. */
  | { kind: 'conflict' }
  /** The quiz was deleted meanwhile. */
  | { kind: 'gone' }
  | { kind: 'refused'; code: string; problems: DraftProblem[] };

export interface AutosaveDeps {
  /** Store the quiz over this version, `null` for a new one; answers the version it has now. */
  store: (quiz: Quiz, version: number | null) => Promise<number>;
  /** Keep the draft in the browser; tells whether that worked. */
  keep: (draft: Draft, version: number | null) => boolean;
  forget: () => void;
}

const PAUSE_MS = 1_000;
const LONGEST_MS = 5_000;
const RETRY_MS = 2_000;
const RETRY_MOST_MS = 30_000;

export class Autosave {
  readonly status: Readonly<ShallowRef<SaveStatus>>;
  /** Whether the browser keeps what is not stored. */
  readonly kept: Readonly<ShallowRef<boolean>>;

  readonly #status = shallowRef<SaveStatus>({ kind: 'saved' });
  readonly #kept = shallowRef(true);
  readonly #deps: AutosaveDeps;
  #version: number | null;
  #draft: Draft | null = null;
  #storing: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting_since: number | null = null;
  #failures = 0;

  constructor(deps: AutosaveDeps, version: number | null) {
    this.#deps = deps;
    this.#version = version;
    this.status = shallowReadonly(this.#status);
    this.kept = shallowReadonly(this.#kept);
  }

  get version(): number | null {
    return this.#version;
  }

  /** The draft has changed. */
  changed(draft: Draft): void {
    this.#draft = draft;
    this.#kept.value = this.#deps.keep(draft, this.#version);
    const { kind } = this.#status.value;
    if (kind === 'conflict' || kind === 'gone') return; // the host decides first
    this.#failures = 0;
    this.#plan();
  }

  /** Save now what can be saved, and wait for it: before the page is left or a run is started. */
  async flush(): Promise<boolean> {
    while (this.#storing) await this.#storing;
    if (this.#draft && this.#mayStore()) await this.#store();
    return this.#draft === null;
  }

  /** Store this draft over whatever version there is now: the answer to a conflict. */
  async overwrite(version: number): Promise<boolean> {
    this.#version = version;
    this.#status.value = { kind: 'waiting' };
    return await this.flush();
  }

  /** Store it as a new quiz: the answer when the old one is gone. */
  async storeAsNew(): Promise<boolean> {
    this.#version = null;
    this.#status.value = { kind: 'waiting' };
    return await this.flush();
  }

  /** Begin anew from what the server has: the other answer to a conflict. */
  reset(version: number): void {
    clearTimeout(this.#timer);
    this.#version = version;
    this.#draft = null;
    this.#deps.forget();
    this.#status.value = { kind: 'saved' };
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #plan(): void {
    const draft = this.#draft;
    if (!draft) return;
    clearTimeout(this.#timer);
    const problems = problemsOf(draft);
    if (problems.length) {
      this.#waiting_since = null;
      this.#status.value = { kind: 'incomplete', problems };
      return;
    }
    if (this.#storing) return; // what follows is planned when that is done
    this.#status.value = { kind: 'waiting' };
    const now = Date.now();
    this.#waiting_since ??= now;
    const most_ms = Math.max(0, this.#waiting_since + LONGEST_MS - now);
    this.#timer = setTimeout(() => void this.#store(), Math.min(PAUSE_MS, most_ms));
  }

  #mayStore(): boolean {
    const { kind } = this.#status.value;
    return kind === 'waiting' || kind === 'unreachable' || kind === 'refused';
  }

  #store(): Promise<void> {
    this.#storing ??= this.#storeOnce().finally(() => {
      this.#storing = null;
      // changed while it was being stored
      if (this.#status.value.kind === 'saving') this.#plan();
    });
    return this.#storing;
  }

  async #storeOnce(): Promise<void> {
    const draft = this.#draft;
    clearTimeout(this.#timer);
    this.#waiting_since = null;
    if (!draft || problemsOf(draft).length) return;
    this.#status.value = { kind: 'saving' };
    try {
      this.#version = await this.#deps.store(toQuiz(draft), this.#version);
    } catch (error) {
      this.#failed(error, draft);
      return;
    }
    this.#failures = 0;
    if (this.#draft === draft) {
      this.#draft = null;
      this.#deps.forget();
      this.#status.value = { kind: 'saved' };
    } else if (this.#draft) this.#deps.keep(this.#draft, this.#version);
  }

  #failed(error: unknown, draft: Draft): void {
    const refusal = error instanceof ApiError ? error : null;
    const code = refusal?.code ?? 'internal';
    if (refusal?.retryable && this.#draft !== draft) this.#plan();
    else if (refusal?.retryable) {
      this.#status.value = { kind: 'unreachable', code };
      const wait_ms = Math.min(RETRY_MS * 2 ** this.#failures++, RETRY_MOST_MS);
      this.#timer = setTimeout(() => void this.#store(), wait_ms);
    } else if (code === 'version_conflict') this.#status.value = { kind: 'conflict' };
    else if (code === 'not_found') this.#status.value = { kind: 'gone' };
    else if (this.#draft !== draft) this.#plan();
    else {
      const problems = fromServer(refusal?.problems ?? [], draft);
      this.#status.value = { kind: 'refused', code, problems };
    }
  }
}
