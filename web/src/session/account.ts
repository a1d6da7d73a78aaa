/** Client-side validation of account forms. Errors are message keys. */
import type { ApiError } from '@/api/problem';
import {
  MAX_EMAIL_CHARS,
  MAX_NAME_CHARS,
  MAX_PASSWORD_CHARS,
  MIN_PASSWORD_CHARS,
} from '@/protocol/limits';

export interface AccountFields {
  email: string;
  password: string;
  display_name: string;
}

export type AccountField = keyof AccountFields;
export type AccountMode = 'sign-in' | 'sign-up';
/** Why the host signs in: `again` after a session expired, `prove` before an account change. */
export type Purpose = AccountMode | 'again' | 'prove';
export type FieldErrors = Partial<Record<AccountField, string>>;

const EMAIL = /^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$/;

export function faultsIn(fields: AccountFields, mode: AccountMode): FieldErrors {
  const { email, password, display_name } = fields;
  const isNew = mode === 'sign-up';
  return {
    ...faultsInEmail(email),
    ...(isNew ? faultsInNewPassword(password) : faultsInPassword(password)),
    ...(isNew ? faultsInName(display_name) : {}),
  };
}

export function faultsInEmail(email: string): FieldErrors {
  if (email.length > MAX_EMAIL_CHARS) return { email: 'email_long' };
  return EMAIL.test(email.trim()) ? {} : { email: 'email_shape' };
}

export function faultsInPassword(password: string): FieldErrors {
  if (password.length > MAX_PASSWORD_CHARS) return { password: 'password_long' };
  return password ? {} : { password: 'password_missing' };
}

/** Only the server knows which passwords are too easy to guess. */
export function faultsInNewPassword(password: string): FieldErrors {
  const short = password && password.length < MIN_PASSWORD_CHARS;
  return short ? { password: 'password_short' } : faultsInPassword(password);
}

export function faultsInName(name: string): FieldErrors {
  if (!name.trim()) return { display_name: 'name_missing' };
  return name.length > MAX_NAME_CHARS ? { display_name: 'name_long' } : {};
}

/** The field errors of a refusal; empty if it concerns the whole form. */
export function faultsOf(error: ApiError): FieldErrors {
  if (error.code === 'email_taken') return { email: 'email_taken' };
  if (error.code === 'credentials_invalid') return { password: 'credentials_wrong' };
  if (error.code === 'password_weak') return { password: 'password_weak' };
  const faults: FieldErrors = {};
  if (error.at('email')) faults.email = 'email_shape';
  if (error.at('password')) faults.password = 'password_refused';
  if (error.at('display_name')) faults.display_name = 'name_refused';
  return faults;
}
