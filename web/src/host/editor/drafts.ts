/** Unsaved quizzes, kept in this browser separately per account. */
import { keysWith, read, write } from '@/ui/storage';

import type { Draft } from './draft';
import { revived } from './revive';

export interface KeptDraft {
  /** The quiz's ID, or a generated one for an unsaved quiz. */
  id: string;
  draft: Draft;
  /** The stored edition it is based on; `null` for a new quiz. */
  edition: string | null;
  /** A save without a reply so far. */
  pending?: Pending | null;
  /** Epoch ms by this device's clock. */
  kept_at: number;
}

/** A pending save, idempotent by its key. */
export interface Pending {
  draft: Draft;
  key: string;
}

/** The format of an earlier release. */
type Kept = Partial<KeptDraft> & { version?: number | null };

const NEW = 'new-';

export function isNew(id: string): boolean {
  return id.startsWith(NEW);
}

export function newId(key: string): string {
  return NEW + key;
}

export class Drafts {
  readonly #prefix: string;

  constructor(account: string) {
    this.#prefix = `quizrun.draft.${account}.`;
  }

  get(id: string): KeptDraft | null {
    return parse(read(this.#prefix + id));
  }

  /** Returns whether it was kept; storage may be full or forbidden. */
  keep(kept: KeptDraft): boolean {
    const text = JSON.stringify(kept);
    write(this.#prefix + kept.id, text);
    return read(this.#prefix + kept.id) === text;
  }

  forget(id: string): void {
    write(this.#prefix + id, null);
  }

  /** All kept drafts, most recently changed first. */
  all(): KeptDraft[] {
    return keysWith(this.#prefix)
      .map((key) => parse(read(key)))
      .filter((kept) => kept !== null)
      .sort((one, other) => other.kept_at - one.kept_at);
  }
}

function parse(text: string | null): KeptDraft | null {
  try {
    const kept = JSON.parse(text ?? 'null') as Kept | null;
    if (!kept || typeof kept.id !== 'string' || !Array.isArray(kept.draft?.questions)) return null;
    const { id, draft, version, pending = null, kept_at = 0 } = kept;
    const edition = kept.edition ?? (version == null ? null : String(version));
    return { id, draft: revived(draft), edition, pending, kept_at };
  } catch {
    return null;
  }
}
