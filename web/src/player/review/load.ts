/** Loads a player's results of a run, by the player's token or by a review token. */
import type { components } from '@/protocol/http';

import { ApiError, refusalIn } from '@/api/problem';

export type Review = components['schemas']['ReviewView'];
export type ReviewedQuestion = components['schemas']['ReviewedQuestion'];

const TIMEOUT_MS = 15_000;

export async function loadReview(token: string): Promise<Review> {
  let response: Response;
  try {
    response = await fetch('/api/v1/review', {
      headers: { Authorization: `Bearer ${token}` },
      credentials: 'omit',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new ApiError('offline', 'The server cannot be reached.', 0, true);
  }
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw refusalIn(response, body);
  return body as Review;
}

/**
 * The link to a player's results. The token is in the fragment, which browsers do not send to
 * servers.
 */
export function reviewAddress(review: Pick<Review, 'token'>): string {
  return `${location.origin}/review#${review.token}`;
}
