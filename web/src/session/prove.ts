/**
 * Account changes that require recent authentication. For some minutes after signing in none is
 * needed; later the host is asked for the password, and the change continues.
 */
import { readonly, ref } from 'vue';

import { ApiError } from '@/api/problem';

import { ask } from './ask';

/** A password or a fresh session; `null` if cancelled. */
export type Proof = { password: string } | 'signed-in-again' | null;

const asking = ref(false);
const refused = ref(false);
let settle: (proof: Proof) => void = () => undefined;

/** Whether the host is being asked for proof. */
export const proving = readonly(asking);
/** Whether the last password was wrong. */
export const proofRefused = readonly(refused);

/** Send a request that may require proof; rejects with `sign_in_again` if cancelled. */
export async function askProven<T>(
  request: (password?: string) => Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  refused.value = false;
  let password: string | undefined;
  for (;;) {
    try {
      return await ask(() => request(password));
    } catch (error) {
      if (!isAboutProof(error, password)) throw error;
      refused.value = error.code === 'credentials_invalid';
      const proof = await askForProof();
      if (proof === null) throw error;
      password = proof === 'signed-in-again' ? undefined : proof.password;
    }
  }
}

/** Submit the proof. */
export function prove(proof: Proof): void {
  asking.value = false;
  settle(proof);
  settle = () => undefined;
}

function askForProof(): Promise<Proof> {
  settle(null); // of two concurrent requests, the later one wins
  return new Promise((resolve) => {
    settle = resolve;
    asking.value = true;
  });
}

function isAboutProof(error: unknown, password: string | undefined): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  return (
    error.code === 'sign_in_again' ||
    (error.code === 'credentials_invalid' && password !== undefined)
  );
}
