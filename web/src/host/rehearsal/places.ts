/**
 * Which places bots have taken in a run: after a reload the same ones come back, and no others beside
 * them.
 */
import { randomKey } from '@/ui/random';
import { keysWith, read, write } from '@/ui/storage';

export interface Place {
  /** Makes a repeated join find the same player. */
  key: string;
  /** Of the player, once it has joined. */
  token?: string;
}

interface Kept {
  /** Epoch ms by this device's clock. */
  at: number;
  places: Place[];
}

const PREFIX = 'quizrun.rehearsal.';
const LIFE_MS = 24 * 3_600_000;

/** The places of so many bots in a run, kept in this browser. */
export class Places {
  readonly #name: string;
  readonly #places: Place[];

  constructor(runId: string, count: number) {
    this.#name = PREFIX + runId;
    forgetOld();
    const known = parse(read(this.#name))?.places ?? [];
    this.#places = Array.from({ length: count }, (_, at) => known[at] ?? { key: randomKey() });
    this.#keep();
  }

  at(index: number): Place | undefined {
    return this.#places[index];
  }

  take(index: number, token: string): void {
    const place = this.#places[index];
    if (!place) return;
    place.token = token;
    this.#keep();
  }

  /** The run is over. */
  forget(): void {
    write(this.#name, null);
  }

  #keep(): void {
    write(this.#name, JSON.stringify({ at: Date.now(), places: this.#places } satisfies Kept));
  }
}

function forgetOld(): void {
  for (const name of keysWith(PREFIX)) {
    const kept = parse(read(name));
    if (!kept || Date.now() - kept.at > LIFE_MS) write(name, null);
  }
}

function parse(text: string | null): Kept | null {
  try {
    const kept = JSON.parse(text ?? 'null') as Partial<Kept> | null;
    if (!kept || typeof kept.at !== 'number' || !Array.isArray(kept.places)) return null;
    return { at: kept.at, places: kept.places.filter((one) => typeof one.key === 'string') };
  } catch {
    return null;
  }
}
