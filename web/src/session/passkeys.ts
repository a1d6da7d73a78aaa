/** Passkeys in this browser: whether there can be any, and signing in by one. */
import {
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
  WebAuthnError,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';

import { api, call } from '@/api/client';
import { hostIsNow, signedIn } from '@/api/session';
import type { components } from '@/protocol/http';

export type SecondFactorOffer = components['schemas']['SecondFactorOffer'];
type Credential = components['schemas']['PasskeyCredential'];
type Options = Record<string, unknown>;

/** Browsers have none at a bare IP address. */
export function passkeysWork(): boolean {
  const named = !/^[\d.]+$|:|\]$/.test(location.hostname);
  return browserSupportsWebAuthn() && window.isSecureContext && named;
}

/** A new passkey; rejects with a `WebAuthnError` when the browser makes none. */
export async function makePasskey(options: Options): Promise<Credential> {
  const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON;
  return startRegistration({ optionsJSON });
}

/** The passkey that the host picks; with `autofill`, among the suggestions of a field. */
export async function pickPasskey(options: Options, autofill = false): Promise<Credential> {
  const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON;
  return startAuthentication({ optionsJSON, useBrowserAutofill: autofill });
}

/** Sign in by a passkey alone. */
export async function signInByPasskey(autofill = false): Promise<void> {
  const before = signedIn.value?.id;
  const { options } = await call(api.POST('/api/v1/auth/passkey/options'));
  const credential = await pickPasskey(options, autofill);
  const { user } = await call(api.POST('/api/v1/auth/passkey', { body: { credential } }));
  // what was begun as somebody else must not go on as this host
  if (before && before !== user.id) location.reload();
  hostIsNow(user);
}

/** The key of the text for a passkey that did not come about; null when the host changed their mind. */
export function passkeyFault(error: unknown): string | null {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError' || name === 'AbortError') return null;
  if (error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED')
    return 'known';
  return name === 'SecurityError' ? 'elsewhere' : 'failed';
}
