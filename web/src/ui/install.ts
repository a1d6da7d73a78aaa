/** Registers the service worker, which makes the client available offline. */

/** Delay, so that the page's own requests go first. */
const AFTER_MS = 4_000;

export function installWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  setTimeout(() => {
    // forbidden in private windows of some browsers; then the client only works online
    navigator.serviceWorker.register('/sw.js').catch(() => undefined);
  }, AFTER_MS);
}
