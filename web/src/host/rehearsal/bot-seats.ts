/** Stores the bots' seats in a run, so that after a reload the same bots return. */
import { randomKey } from '@/ui/random';
import { keysWith, read, write } from '@/ui/storage';

export interface BotSeat {
  /** Idempotency key of the join. */
  key: string;
  /** The player's token after joining. */
  token?: string;
}

interface Kept {
  /** Epoch ms by this device's clock. */
  at: number;
  seats: BotSeat[];
}

const PREFIX = 'quizrun.rehearsal.';
const LIFE_MS = 24 * 3_600_000;

/** The seats of a run's bots, stored in this browser. */
export class BotSeats {
  readonly #name: string;
  readonly #seats: BotSeat[];

  constructor(runId: string, count: number) {
    this.#name = PREFIX + runId;
    forgetOld();
    const known = parse(read(this.#name))?.seats ?? [];
    this.#seats = Array.from({ length: count }, (_, at) => known[at] ?? { key: randomKey() });
    this.#keep();
  }

  at(index: number): BotSeat | undefined {
    return this.#seats[index];
  }

  take(index: number, token: string): void {
    const seat = this.#seats[index];
    if (!seat) return;
    seat.token = token;
    this.#keep();
  }

  /** The run is over. */
  forget(): void {
    write(this.#name, null);
  }

  #keep(): void {
    write(this.#name, JSON.stringify({ at: Date.now(), seats: this.#seats } satisfies Kept));
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
    if (!kept || typeof kept.at !== 'number' || !Array.isArray(kept.seats)) return null;
    return { at: kept.at, seats: kept.seats.filter((one) => typeof one.key === 'string') };
  } catch {
    return null;
  }
}
