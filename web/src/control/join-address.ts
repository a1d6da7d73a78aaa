/** The join address shown on the big screen. */

export interface JoinAddress {
  /** What people type: host, port if any, and path if any. */
  shown: string;
  /** The URL in the QR code. */
  url: string;
  /** A loopback address, which phones cannot reach. */
  loopback: boolean;
}

const LOOPBACK = /^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1\]$/;

/**
 * Prefer the address this page was loaded from, as others in the room can reach it too. If that is
 * a loopback address, use the one configured on the server.
 */
export function joinAddress(page: URL, configured: string | null, pin: string): JoinAddress {
  const base =
    isLoopback(page.hostname) && configured ? new URL('..', configured) : new URL('/', page);
  const path = base.pathname.replace(/\/$/, '');
  return {
    shown: base.host + path,
    url: new URL(`join/${pin}`, base).href,
    loopback: isLoopback(base.hostname),
  };
}

/** Whether a host name is a loopback address. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}
