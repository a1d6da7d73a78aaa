/** Waits for a removed player to be let back in. */
import { seatIn, type Seat } from '@/live/seats';

import { seatStatus } from './api';

const EVERY_MS = 5_000;
const MOST_LOOKS = 60;
const OVER = new Set(['finished', 'cancelled']);

/** Poll for up to five minutes; resolves to whether the player was let back in. */
export async function isLetBack(runId: string, stop: AbortSignal): Promise<boolean> {
  const seat = seatIn(runId);
  for (let looks = 0; seat && looks < MOST_LOOKS && !stop.aborted; looks++) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    if (document.hidden) continue;
    const place = await seatStatus(seat).catch(() => null);
    if (place) return !stop.aborted;
  }
  return false;
}

/** Whether a seat that was over can be resumed. */
export async function isOpenAgain(seat: Seat): Promise<boolean> {
  const place = await seatStatus(seat).catch(() => null);
  return place !== null && !OVER.has(place.phase);
}
