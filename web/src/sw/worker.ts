/**
 * Opens the client offline, and at once on a slow network. It caches the build's files, whose names
 * contain a hash, and never replies of the API or data of a run. The build replaces `__FILES__`;
 * this must stay a single file.
 */

export {};

interface Files {
  version: string;
  paths: string[];
}

declare const self: ServiceWorkerGlobalScope;
declare const __FILES__: Files;

const { version, paths } = __FILES__;
const CACHE = `quizrun-${version}`;
const PAGE = '/';
const ASSET = /\/assets\/[^/]+$/;
/** Paths for which the gateway returns the client's page; see `gateway/http/pages.py`. */
const CLIENT_PAGES = /^\/($|join\/|move$|play\/|review$|host$|host\/|screen\/|room-test$|inbox$)/;
/** After this time the cached page is used instead of the network. */
const PATIENCE_MS = 4_000;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll([PAGE, ...paths]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))),
      )
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET') return;
  if (request.mode === 'navigate' && url.origin === self.location.origin) {
    if (CLIENT_PAGES.test(url.pathname)) event.respondWith(pageFor(request));
  } else if (ASSET.test(url.pathname)) {
    event.respondWith(fileFor(request, url));
  }
});

/** The page from the network, else from the cache. */
async function pageFor(request: Request): Promise<Response> {
  const kept = caches.match(PAGE, { cacheName: CACHE });
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return response.status < 500 ? response : ((await kept) ?? response);
  } catch (error) {
    const page = await kept;
    if (page) return page;
    throw error;
  }
}

/** A built file from the cache, for any query, as its name identifies its content. */
async function fileFor(request: Request, url: URL): Promise<Response> {
  const path = `/assets/${url.pathname.split('/').at(-1) ?? ''}`;
  return (await caches.match(path, { cacheName: CACHE })) ?? fetch(request);
}
