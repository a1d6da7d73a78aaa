/** Proof of work before joining, where the server asks for it. Loaded only then. */
import { solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2';
import type { Challenge } from 'altcha-lib/types';

const PATIENCE_MS = 120_000;

/**
 * Solve a challenge; returns the `proof` for `join`. The browser derives keys outside of the main
 * thread, so the page stays responsive. Rejects without `crypto.subtle`, which needs HTTPS.
 */
export async function prove(challenge?: object): Promise<string> {
  const known = challenge as Challenge;
  const solution = await solveChallenge({ challenge: known, deriveKey, timeout: PATIENCE_MS });
  if (!solution) throw new Error('no solution in time');
  return btoa(JSON.stringify({ challenge, solution }));
}
