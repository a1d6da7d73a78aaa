/**
 * The invitation that is being answered. It stays in the tab while the host signs in or registers:
 * not in the address, where it would end up in histories and logs.
 */
const KEY = 'quizrun.invitation';

export function keepInvitation(token: string): void {
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // forbidden: the link has to be opened again after signing in
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
    // there is none then
  }
}
