/** The join address shown on the big screen. */

export interface JoinAddress {
  /** What people type: host and port, a path where there is one. */
  shown: string;
  /** What the QR code leads to. */
  url: string;
  /** A loopback address, useless to a phone. */
  loopback: boolean;
}

const LOOPBACK = /^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1\]$/;

/**
 * The address that this page was reached at works for others in the room too, unless it is the
 * machine's name for itself: then the one that the server was told is the better guess.
 */
export function joinAddress(page: URL, told: string | null, pin: string): JoinAddress {
  const base = isLoopback(page.hostname) && told ? new URL('..', told) : new URL('/', page);
  const path = base.pathname.replace(/\/$/, '');
  return {
    shown: base.host + path,
    url: new URL(`join/${pin}`, base).href,
    loopback: isLoopback(base.hostname),
  };
}

/** Whether a host name means the machine that it is used on. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}
