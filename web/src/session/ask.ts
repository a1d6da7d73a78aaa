/**
 * Requests of signed-in hosts. When the session has expired, the host is asked to sign in over the
 * current page, and the request is then repeated.
 */
import { readonly, ref } from 'vue';

import { call } from '@/api/client';
import { ApiError } from '@/api/problem';

const open = ref(false);
let asking: { answer: Promise<boolean>; settle: (signedIn: boolean) => void } | null = null;

/** Whether the sign-in dialog is open. */
export const signingInAgain = readonly(open);

/** Return the reply or throw an `ApiError`; repeats the request after signing in again. */
export async function ask<T>(
  request: () => Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  for (;;) {
    try {
      return await call(request());
    } catch (error) {
      if (!isUnauthorized(error) || !(await signInAgain())) throw error;
    }
  }
}

/** Ask the host to sign in again; concurrent calls share one dialog. */
export function signInAgain(): Promise<boolean> {
  if (!asking) {
    let settle: (signedIn: boolean) => void = () => undefined;
    const answer = new Promise<boolean>((resolve) => (settle = resolve));
    asking = { answer, settle };
    open.value = true;
  }
  return asking.answer;
}

/** Report whether the host signed in again or cancelled. */
export function signedInAgain(yes: boolean): void {
  const settle = asking?.settle;
  asking = null;
  open.value = false;
  settle?.(yes);
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'unauthorized';
}
