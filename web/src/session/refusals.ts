/** Why signing in at a provider failed, from `?error=` in the address. */
const REFUSALS = [
  'provider_unknown',
  'provider_unavailable',
  'provider_refused',
  'access_denied',
  'sign_in_expired',
  'issuer_mismatch',
  'token_invalid',
  'email_unverified',
  'link_first',
  'factor_first',
  'account_disabled',
  'account_unknown',
  'identity_taken',
  'session_changed',
  'too_many_requests',
  'unavailable',
] as const;

export type Refusal = (typeof REFUSALS)[number] | 'other';

/** The error code if it has a text, else `null`. */
export function refusalOf(code: unknown): Refusal | null {
  if (typeof code !== 'string' || !code) return null;
  return REFUSALS.find((known) => known === code) ?? 'other';
}
