/** Route guard for host pages, with a redirect after signing in. */
import type { RouteLocationNormalized, RouteLocationRaw } from 'vue-router';

import { whoAmI } from '@/api/session';

/** True for a signed-in host, else the sign-in route. */
export async function admit(to: RouteLocationNormalized): Promise<true | RouteLocationRaw> {
  try {
    if (await whoAmI()) return true;
  } catch {
    return true; // the server is unreachable; the page shows the error
  }
  return { name: 'sign-in', query: { next: to.fullPath } };
}

/** The route after signing in, restricted to host pages of this site. */
export function wayBack(next: unknown): string {
  return typeof next === 'string' && /^\/(host|screen)\/(?!\/)[\w\-/]*(\?[\w\-=&%]*)?$/.test(next)
    ? next
    : '/host/quizzes';
}
