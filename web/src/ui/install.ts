/** Lets the client open without a network: hands the page over to the service worker. */

/** What is being loaded for the page itself goes first. */
const AFTER_MS = 4_000;

export function installWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  setTimeout(() => {
    // forbidden in private windows of some browsers: then the client needs a network, no more
    navigator.serviceWorker.register('/sw.js').catch(() => undefined);
  }, AFTER_MS);
}
