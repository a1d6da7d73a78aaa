/**
 * The invitation being accepted. Kept in session storage while the host signs in or registers, not
 * in the address, where it would end up in histories and logs.
 */
const KEY = 'quizrun.invitation';

export function keepInvitation(token: string): void {
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // storage forbidden: the link must be reopened after signing in
  }
}

export function pendingInvitation(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function forgetInvitation(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // nothing stored
  }
}
