/**
 * Changes that need proof of who is at the keyboard. The server wants none for some minutes after
 * signing in; later the password is asked for, over the page, and the change goes on.
 */
import { readonly, ref } from 'vue';

import { ApiError } from '@/api/problem';

import { ask } from './ask';

/** A password, or a session that has begun anew in another way; `null`: the host does not want to. */
export type Proof = { password: string } | 'signed-in-again' | null;

const asking = ref(false);
const refused = ref(false);
let settle: (proof: Proof) => void = () => undefined;

/** Whether somebody is being asked to prove who they are. */
export const proving = readonly(asking);
/** Whether the password that was given last is wrong. */
export const proofRefused = readonly(refused);

/** What a call answers that may need the password; rejects with `sign_in_again` if none is given. */
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

/** What the host gives as proof. */
export function prove(proof: Proof): void {
  asking.value = false;
  settle(proof);
  settle = () => undefined;
}

function askForProof(): Promise<Proof> {
  settle(null); // of two that ask, the later one is answered
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
