/** What the server does not have yet of a quiz, kept in this browser, each account's for itself. */
import { keysWith, read, write } from '@/ui/storage';

import type { Draft } from './draft';
import { revived } from './revive';

export interface KeptDraft {
  /** The quiz's id, or a made-up one for a quiz that was never stored. */
  id: string;
  draft: Draft;
  /** The stored edition that it was made of; `null` for a new quiz. */
  edition: string | null;
  /** A save that was sent, and whose reply was not there yet. */
  pending?: Pending | null;
  /** Epoch ms by this device's clock. */
  kept_at: number;
}

/** A save on its way: sent again with its key, it does nothing more. */
export interface Pending {
  draft: Draft;
  key: string;
}

/** As an earlier release kept it. */
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

  /** Whether it could be kept: the browser may have no room, or not want to. */
  keep(kept: KeptDraft): boolean {
    const text = JSON.stringify(kept);
    write(this.#prefix + kept.id, text);
    return read(this.#prefix + kept.id) === text;
  }

  forget(id: string): void {
    write(this.#prefix + id, null);
  }

  /** All of them, the last changed first. */
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
