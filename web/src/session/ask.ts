/**
 * The host's calls. A session that has ended in the middle of work is asked for again, over the
 * page and all that was typed into it; then the call goes on as if nothing had been.
 */
import { readonly, ref } from 'vue';

import { call } from '@/api/client';
import { ApiError } from '@/api/problem';

const open = ref(false);
let asking: { answer: Promise<boolean>; settle: (signedIn: boolean) => void } | null = null;

/** Whether somebody is being asked to sign in again. */
export const signingInAgain = readonly(open);

/** What a call answers, or an `ApiError`; makes the request anew after signing in again. */
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

/** Ask to sign in again; all who ask at the same time get the same answer. */
export function signInAgain(): Promise<boolean> {
  if (!asking) {
    let settle: (signedIn: boolean) => void = () => undefined;
    const answer = new Promise<boolean>((resolve) => (settle = resolve));
    asking = { answer, settle };
    open.value = true;
  }
  return asking.answer;
}

/** The host has signed in again, or does not want to. */
export function signedInAgain(yes: boolean): void {
  const settle = asking?.settle;
  asking = null;
  open.value = false;
  settle?.(yes);
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'unauthorized';
}
