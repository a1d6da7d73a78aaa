import { describe, expect, it } from 'vitest';

import { ApiError } from '@/api/problem';

import { faultsIn, faultsOf } from './account';

const fields = { email: 'ada@example.com', password: 'correct horse', display_name: 'Ada' };

describe('an account form', () => {
  it('has no errors when filled in', () => {
    expect(faultsIn(fields, 'sign-up')).toEqual({});
    expect(faultsIn({ ...fields, display_name: '' }, 'sign-in')).toEqual({});
  });

  it('shows errors at their fields', () => {
    expect(faultsIn({ email: 'ada', password: 'short', display_name: ' ' }, 'sign-up')).toEqual({
      email: 'email_shape',
      password: 'password_short',
      display_name: 'name_missing',
    });
  });

  it('does not reveal the password rules at sign-in', () => {
    expect(faultsIn({ ...fields, password: 'short' }, 'sign-in')).toEqual({});
  });

  it('handles 100 KB of input', () => {
    const long = 'x'.repeat(100_000);
    expect(faultsIn({ email: long, password: long, display_name: long }, 'sign-up')).toEqual({
      email: 'email_long',
      password: 'password_long',
      display_name: 'name_long',
    });
  });

  it('shows the server’s errors at their fields', () => {
    expect(faultsOf(new ApiError('email_taken', 'taken', 409))).toEqual({ email: 'email_taken' });
    expect(faultsOf(new ApiError('credentials_invalid', 'no', 401))).toEqual({
      password: 'credentials_wrong',
    });
    expect(faultsOf(new ApiError('password_weak', 'no', 422))).toEqual({
      password: 'password_weak',
    });
    const problems = [{ field: 'display_name', message: 'contains a control character' }];
    expect(faultsOf(new ApiError('payload_invalid', 'no', 422, false, problems))).toEqual({
      display_name: 'name_refused',
    });
    expect(faultsOf(new ApiError('unavailable', 'later', 503, true))).toEqual({});
  });
});
