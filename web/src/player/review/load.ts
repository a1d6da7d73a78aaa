/** The own results of a run, by a player's token or by that of an earlier look. */
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

/** The address of the own results: its token is behind `#`, which no browser sends to a server. */
export function reviewAddress(review: Pick<Review, 'token'>): string {
  return `${location.origin}/review#${review.token}`;
}
