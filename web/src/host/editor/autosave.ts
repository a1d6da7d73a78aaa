/**
 * Saves a quiz while it is edited. Every change is kept in the browser at once, and stored on the
 * server after a pause in typing: as a new version if the quiz is complete, else as a draft beside
 * the latest version. What cannot be stored stays in the browser, with the reason. A save whose
 * reply was lost is first resent unchanged with its idempotency key, so it is never mistaken for a
 * conflict.
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
  /** Changed; saved after a pause in typing. */
  | { kind: 'waiting' }
  | { kind: 'saving' }
  /** Stored as a draft, since it cannot be played yet. */
  | { kind: 'draft'; problems: DraftProblem[] }
  /** Retried automatically. */
  | { kind: 'unreachable'; code: string }
  /** A different version was stored meanwhile. */
  | { kind: 'conflict' }
  /** The quiz was deleted meanwhile. */
  | { kind: 'gone' }
  | { kind: 'refused'; code: string; problems: DraftProblem[] };

/** What is stored: a playable version or a draft. */
export type Save = { kind: 'quiz'; quiz: Quiz } | { kind: 'draft'; draft: Draft };

export interface AutosaveDeps {
  /** Store over this edition, `null` for a new quiz; return the new edition. Idempotent by key. */
  store: (save: Save, edition: string | null, key: string) => Promise<string>;
  /** Keep the draft in the browser; return whether that succeeded. */
  keep: (draft: Draft, edition: string | null, pending: Pending | null) => boolean;
  forget: () => void;
}

const PAUSE_MS = 1_000;
const LONGEST_MS = 5_000;
const RETRY_MS = 2_000;
const RETRY_MOST_MS = 30_000;

export class Autosave {
  readonly status: Readonly<ShallowRef<SaveStatus>>;
  /** Whether unsaved changes are kept in the browser. */
  readonly kept: Readonly<ShallowRef<boolean>>;

  readonly #status = shallowRef<SaveStatus>({ kind: 'saved' });
  readonly #kept = shallowRef(true);
  readonly #deps: AutosaveDeps;
  #edition: string | null;
  #draft: Draft | null = null;
  /** The latest save without a reply. */
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

  /** Record a change of the draft. */
  changed(draft: Draft): void {
    this.#draft = draft;
    this.#keep(draft);
    const { kind } = this.#status.value;
    if (kind === 'conflict' || kind === 'gone') return; // waits for the host's decision
    this.#failures = 0;
    this.#plan();
  }

  /** Save now and wait for it, before leaving the page or starting a run. */
  async flush(): Promise<boolean> {
    while (this.#storing) await this.#storing;
    // after a resent save, also store what was typed since
    for (let tries = 0; tries < 2 && this.#draft && this.#mayStore(); tries++) await this.#store();
    return this.#draft === null;
  }

  /** Store this draft over the current edition, to resolve a conflict. */
  async overwrite(edition: string): Promise<boolean> {
    this.#edition = edition;
    this.#status.value = { kind: 'waiting' };
    return await this.flush();
  }

  /** Store it as a new quiz, when the old one was deleted. */
  async storeAsNew(): Promise<boolean> {
    this.#edition = null;
    this.#status.value = { kind: 'waiting' };
    return await this.flush();
  }

  /** Restart from the server's edition, to resolve a conflict. */
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
    if (this.#storing) return; // planned again when it completes
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
      // changed while saving
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
    this.#keep(draft); // with the key, in case of a reload before the reply
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
