/** The signed-in host. The session is in a cookie; this module only knows whose it is. */
import { readonly, shallowRef } from 'vue';

import type { components } from '@/protocol/http';

import type { Locale } from '@/i18n/locales';

import { api, call } from './client';
import { ApiError } from './problem';

export type User = components['schemas']['UserView'];

const user = shallowRef<User | null>(null);
let asked: Promise<User | null> | null = null;

/** The signed-in host; `null` when signed out or unknown. */
export const signedIn = readonly(user);

/** Ask the server who is signed in, once. */
export function whoAmI(): Promise<User | null> {
  asked ??= call(api.GET('/api/v1/me'))
    .then((found) => (user.value = found))
    .catch((error: unknown) => {
      asked = null;
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    });
  return asked;
}

/** Returns the second factor the account requires; `null` if the host is signed in. */
export async function signIn(
  email: string,
  password: string,
): Promise<components['schemas']['SecondFactorOffer'] | null> {
  const answer = await api.POST('/api/v1/auth/login', { body: { email, password } });
  if (answer.error?.second_factor) return answer.error.second_factor;
  user.value = (await call(Promise.resolve(answer))).user;
  return null;
}

export async function completeSignIn(body: components['schemas']['SecondFactor']): Promise<void> {
  const answer = await call(api.POST('/api/v1/auth/login/second-factor', { body }));
  user.value = answer.user;
}

/** `language` is used for mails to the new account. */
export async function signUp(
  email: string,
  password: string,
  display_name: string,
  language: Locale,
): Promise<void> {
  const body = { email, password, display_name, language };
  const answer = await call(api.POST('/api/v1/auth/register', { body }));
  user.value = answer.user;
}

/** Returns the URL for signing out of the identity provider, if any. */
export async function signOut(): Promise<string | null> {
  const answer = await call(api.POST('/api/v1/auth/logout'));
  forgetHost();
  return answer?.continue_at ?? null;
}

/** The session has ended on the server. */
export function forgetHost(): void {
  user.value = null;
  asked = null;
}

/** Update the host's name or address. */
export function hostIsNow(changed: User): void {
  user.value = changed;
}

/** A fresh access token for sockets; rejects with `unauthorized` when signed out. */
export async function accessToken(): Promise<string> {
  const answer = await call(api.POST('/api/v1/auth/refresh'));
  user.value = answer.user;
  return answer.access_token;
}
