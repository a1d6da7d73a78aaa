/** Passkeys: browser support, creation, and sign-in. */
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

/** Browsers do not support passkeys on bare IP addresses. */
export function passkeysWork(): boolean {
  const named = !/^[\d.]+$|:|\]$/.test(location.hostname);
  return browserSupportsWebAuthn() && window.isSecureContext && named;
}

/** Create a passkey; rejects with a `WebAuthnError` if the browser refuses. */
export async function makePasskey(options: Options): Promise<Credential> {
  const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON;
  return startRegistration({ optionsJSON });
}

/** The passkey selected by the host; with `autofill`, from a field's suggestions. */
export async function pickPasskey(options: Options, autofill = false): Promise<Credential> {
  const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON;
  return startAuthentication({ optionsJSON, useBrowserAutofill: autofill });
}

/** Sign in with a passkey only. */
export async function signInByPasskey(autofill = false): Promise<void> {
  const before = signedIn.value?.id;
  const { options } = await call(api.POST('/api/v1/auth/passkey/options'));
  const credential = await pickPasskey(options, autofill);
  const { user } = await call(api.POST('/api/v1/auth/passkey', { body: { credential } }));
  // work of another account must not continue under this one
  if (before && before !== user.id) location.reload();
  hostIsNow(user);
}

/** The message key for a passkey error; null if the host cancelled. */
export function passkeyFault(error: unknown): string | null {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError' || name === 'AbortError') return null;
  if (error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED')
    return 'known';
  return name === 'SecurityError' ? 'elsewhere' : 'failed';
}
