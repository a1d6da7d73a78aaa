/** Identity providers, and how a tab opened for signing in notifies the others. */
import { api, call } from '@/api/client';
import type { components } from '@/protocol/http';

export type Provider = components['schemas']['ProviderView'];

const CHANNEL = 'quizrun-signed-in';
/** The final page of a tab opened for signing in. */
export const SIGNED_IN_PAGE = '/host/signed-in';

let asked: Promise<Provider[]> | null = null;

/** Cached; on failure there are none, and the next call retries. */
export function allProviders(): Promise<Provider[]> {
  asked ??= call(api.GET('/api/v1/auth/providers')).then(
    ({ providers }) => providers,
    () => {
      asked = null;
      return [];
    },
  );
  return asked;
}

/** The URL that leads to the provider, and back to `next`. */
export function loginUrl(provider: Provider, next: string): string {
  return `${provider.login_url}?${new URLSearchParams({ next })}`;
}

/** Notify waiting tabs that the host has signed in. */
export function tellSignedIn(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage('signed-in');
  channel.close();
}

/** Call `then` when another tab has signed in; returns a function to stop listening. */
export function onSignedIn(then: () => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = then;
  return () => {
    channel.close();
  };
}
