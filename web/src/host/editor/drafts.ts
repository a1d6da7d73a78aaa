/** Drafts that the server does not have yet, kept in this browser, each account's for itself. */
import { keysWith, read, write } from '@/ui/storage';

import type { Draft } from './draft';

export interface KeptDraft {
  /** The quiz's id, or a made-up one for a quiz that was never stored. */
  id: string;
  draft: Draft;
  /** The stored version that it was made of; `null` for a new quiz. */
  version: number | null;
  /** Epoch ms by this device's clock. */
  kept_at: number;
}

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
    const kept = JSON.parse(text ?? 'null') as Partial<KeptDraft> | null;
    const good = kept && typeof kept.id === 'string' && Array.isArray(kept.draft?.questions);
    return good ? (kept as KeptDraft) : null;
  } catch {
    return null;
  }
}
