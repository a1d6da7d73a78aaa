/** What can be told of an account's fields before asking the server. Errors are keys of texts. */
import type { ApiError } from '@/api/problem';

export interface AccountFields {
  email: string;
  password: string;
  display_name: string;
}

export type AccountField = keyof AccountFields;
export type AccountMode = 'sign-in' | 'sign-up';
export type FieldErrors = Partial<Record<AccountField, string>>;

const MAX_EMAIL_CHARS = 254;
const MIN_PASSWORD_CHARS = 8;
const MAX_PASSWORD_CHARS = 128;
const MAX_NAME_CHARS = 80;

const EMAIL = /^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$/;

export function faultsIn(fields: AccountFields, mode: AccountMode): FieldErrors {
  const faults: FieldErrors = {};
  const { email, password, display_name } = fields;
  if (email.length > MAX_EMAIL_CHARS) faults.email = 'email_long';
  else if (!EMAIL.test(email.trim())) faults.email = 'email_shape';
  if (password.length > MAX_PASSWORD_CHARS) faults.password = 'password_long';
  else if (!password) faults.password = 'password_missing';
  else if (mode === 'sign-up' && password.length < MIN_PASSWORD_CHARS)
    faults.password = 'password_short';
  if (mode === 'sign-up') {
    if (!display_name.trim()) faults.display_name = 'name_missing';
    else if (display_name.length > MAX_NAME_CHARS) faults.display_name = 'name_long';
  }
  return faults;
}

/** The fields that a refusal is about; none when it is about the whole. */
export function faultsOf(error: ApiError): FieldErrors {
  if (error.code === 'email_taken') return { email: 'email_taken' };
  if (error.code === 'credentials_invalid') return { password: 'credentials_wrong' };
  const faults: FieldErrors = {};
  if (error.at('email')) faults.email = 'email_shape';
  if (error.at('password')) faults.password = 'password_refused';
  if (error.at('display_name')) faults.display_name = 'name_refused';
  return faults;
}
