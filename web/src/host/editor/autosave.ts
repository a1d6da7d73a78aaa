/**
 * Saves a quiz while it is being written.
 *
 * Every change is kept in the browser at once, and stored by the server as soon as the typing has
 * paused: as a new version when the quiz is complete, else as a draft beside the last one. What
 * cannot be stored just now stays kept, and says why.
 *
 * A save whose reply was lost is sent again as it was, with its key, before anything newer: so it
 * is never taken for a conflict with ourselves.
 */
import { shallowReadonly, shallowRef, type ShallowRef } from 'vue';

import { ApiError } from '@/api/problem';
import { randomKey } from '@/ui/random';

import { fromServer } from './server-problems';
import { toQuiz, type Draft } from './draft';
import type { Pending } from './drafts';
import { problemsOf, type DraftProblem } from './validate';

import type { Quiz } from '../types';

export type SaveStatus =
  | { kind: 'saved' }
  /** Changed; it is saved when the typing pauses. */
  | { kind: 'waiting' }
  | { kind: 'saving' }
  /** Stored as a draft, since it cannot be played like this. */
  | { kind: 'draft'; problems: DraftProblem[] }
  /** It is tried again by itself. */
  | { kind: 'unreachable'; code: string }
  /** Somebody else has stored another version meanwhile. */
  | { kind: 'conflict' }
  /** The quiz was deleted meanwhile. */
  | { kind: 'gone' }
  | { kind: 'refused'; code: string; problems: DraftProblem[] };

/** What is stored: a version that can be played, or a draft. */
export type Save = { kind: 'quiz'; quiz: Quiz } | { kind: 'draft'; draft: Draft };

export interface AutosaveDeps {
  /**
   * Store it over this edition, `null` for a new quiz; answers the edition that it has now. The
   * same call with the same key again does nothing more.
   */
  store: (save: Save, edition: string | null, key: string) => Promise<string>;
  /** Keep the draft in the browser; tells whether that worked. */
  keep: (draft: Draft, edition: string | null, pending: Pending | null) => boolean;
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
  #edition: string | null;
  #draft: Draft | null = null;
  /** What was sent last, until its reply is there. */
  #pending: Pending | null;
  #storing: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting_since: number | null = null;
  #failures = 0;

  constructor(
    deps: AutosaveDeps,
    edition: string | null,
    start: { pending?: Pending | null; status?: SaveStatus } = {},
  ) {
    this.#deps = deps;
    this.#edition = edition;
    this.#pending = start.pending ?? null;
    if (start.status) this.#status.value = start.status;
    this.status = shallowReadonly(this.#status);
    this.kept = shallowReadonly(this.#kept);
  }

  get edition(): string | null {
    return this.#edition;
  }

  /** The draft has changed. */
  changed(draft: Draft): void {
    this.#draft = draft;
    this.#keep(draft);
    const { kind } = this.#status.value;
    if (kind === 'conflict' || kind === 'gone') return; // the host decides first
    this.#failures = 0;
    this.#plan();
  }

  /** Save now what can be saved, and wait for it: before the page is left or a run is started. */
  async flush(): Promise<boolean> {
    while (this.#storing) await this.#storing;
    // what a lost reply has held up is followed by what was typed since
    for (let tries = 0; tries < 2 && this.#draft && this.#mayStore(); tries++) await this.#store();
    return this.#draft === null;
  }

  /** Store this draft over whatever edition there is now: the answer to a conflict. */
  async overwrite(edition: string): Promise<boolean> {
    this.#edition = edition;
    this.#status.value = { kind: 'waiting' };
    return await this.flush();
  }

  /** Store it as a new quiz: the answer when the old one is gone. */
  async storeAsNew(): Promise<boolean> {
    this.#edition = null;
    this.#status.value = { kind: 'waiting' };
    return await this.flush();
  }

  /** Begin anew from what the server has: the other answer to a conflict. */
  reset(edition: string): void {
    clearTimeout(this.#timer);
    this.#edition = edition;
    this.#draft = null;
    this.#pending = null;
    this.#deps.forget();
    this.#status.value = { kind: 'saved' };
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #plan(): void {
    if (!this.#draft) return;
    clearTimeout(this.#timer);
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
    if (!draft) return;
    this.#status.value = { kind: 'saving' };
    const sent = (this.#pending ??= { draft, key: randomKey() });
    this.#keep(draft); // with the key, for a reload before the reply
    const problems = problemsOf(sent.draft);
    const save: Save = problems.length
      ? { kind: 'draft', draft: sent.draft }
      : { kind: 'quiz', quiz: toQuiz(sent.draft) };
    try {
      this.#edition = await this.#deps.store(save, this.#edition, sent.key);
    } catch (error) {
      this.#failed(error, sent.draft);
      return;
    }
    this.#failures = 0;
    this.#pending = null;
    if (this.#draft === sent.draft) {
      this.#draft = null;
      this.#deps.forget();
      this.#status.value = problems.length ? { kind: 'draft', problems } : { kind: 'saved' };
    } else if (this.#draft) this.#keep(this.#draft);
  }

  #keep(draft: Draft): void {
    this.#kept.value = this.#deps.keep(draft, this.#edition, this.#pending);
  }

  #failed(error: unknown, draft: Draft): void {
    const refusal = error instanceof ApiError ? error : null;
    const code = refusal?.code ?? 'internal';
    if (!refusal?.retryable) this.#pending = null;
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
