/** Who may see the host's pages, and the way back for who has to sign in first. */
import type { RouteLocationNormalized, RouteLocationRaw } from 'vue-router';

import { whoAmI } from '@/api/session';

/** True for a signed-in host, else where to sign in. */
export async function admit(to: RouteLocationNormalized): Promise<true | RouteLocationRaw> {
  try {
    if (await whoAmI()) return true;
  } catch {
    return true; // nobody could be asked: the page itself says what is wrong
  }
  return { name: 'sign-in', query: { next: to.fullPath } };
}

/** Where to go after signing in: only ever to a host's page of this site. */
export function wayBack(next: unknown): string {
  return typeof next === 'string' && /^\/(host|screen)\/(?!\/)[\w\-/]*(\?[\w\-=&%]*)?$/.test(next)
    ? next
    : '/host/quizzes';
}
