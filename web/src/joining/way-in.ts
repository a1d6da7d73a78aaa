/** What is asked before joining: whether a PIN leads anywhere, and how one comes in. */

export interface WayIn {
  title: string;
  /** Names to pick from, where players do not choose their own. */
  suggestions: string[];
}

/** `null` where it cannot be told just now. */
export async function wayIn(pin: string): Promise<WayIn | 'pin_unknown' | null> {
  try {
    const answer = await fetch(`/api/v1/join/${encodeURIComponent(pin)}`, {
      signal: AbortSignal.timeout(8_000),
    });
    if (answer.status === 404) {
      const problem = (await answer.json()) as { code?: string };
      return problem.code === 'pin_unknown' ? 'pin_unknown' : null;
    }
    return answer.ok ? ((await answer.json()) as WayIn) : null;
  } catch {
    return null;
  }
}
