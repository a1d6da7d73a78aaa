/** Confirms an email address with the token of a mailed link. */
import { api, call } from '@/api/client';
import { ApiError, type ClientCode } from '@/api/problem';
import { hostIsNow, whoAmI } from '@/api/session';

export type Verified =
  | { state: 'done'; email: string }
  | { state: 'expired' | 'taken'; email?: undefined }
  | { state: 'failed'; code: ClientCode; email?: undefined };

/** `failed` can be retried; never rejects. */
export async function verify(token: string): Promise<Verified> {
  try {
    const user = await call(api.POST('/api/v1/auth/email/verify', { body: { token } }));
    const host = await whoAmI().catch(() => null);
    if (host?.id === user.id) hostIsNow(user);
    return { state: 'done', email: user.email };
  } catch (error) {
    return refused(error);
  }
}

/** A link works once; opened again, its owner still sees that the address is confirmed. */
async function refused(error: unknown): Promise<Verified> {
  const code = error instanceof ApiError ? error.code : 'internal';
  if (code === 'email_taken') return { state: 'taken' };
  if (code !== 'link_expired' && code !== 'payload_invalid') return { state: 'failed', code };
  const profile = await call(api.GET('/api/v1/me/profile')).catch(() => null);
  return profile?.email_verified ? { state: 'done', email: profile.email } : { state: 'expired' };
}
