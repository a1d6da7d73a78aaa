/** Waiting for the host's second thoughts after a removal. */
import { seatIn } from '@/live/seats';

import { placeOf } from './place';

const EVERY_MS = 5_000;
const MOST_LOOKS = 60;

/** Resolves to whether the player is in again; asks for five minutes at most. */
export async function isLetBack(runId: string, stop: AbortSignal): Promise<boolean> {
  const seat = seatIn(runId);
  for (let looks = 0; seat && looks < MOST_LOOKS && !stop.aborted; looks++) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    if (document.hidden) continue;
    const place = await placeOf(seat).catch(() => null);
    if (place) return !stop.aborted;
  }
  return false;
}
