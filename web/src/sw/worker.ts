/**
 * Opens the client without a network, and at once with a slow one. What it keeps are the files of a
 * build, whose names change with their contents; it never keeps what the API or a run says.
 *
 * Part of the build with a list of files in place of `__FILES__`; it must stay one file.
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
/** What the gateway answers with the client's page; see `gateway/http/pages.py`. */
const CLIENT_PAGES = /^\/($|join\/|move$|play\/|review$|host$|host\/|screen\/|room-test$|inbox$)/;
/** A network that has not answered for so long is as good as none. */
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

/** The newest page while there is a network, else the one that was kept. */
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

/** A built file as it was kept, wherever the page has it from: its name says what is in it. */
async function fileFor(request: Request, url: URL): Promise<Response> {
  const path = `/assets/${url.pathname.split('/').at(-1) ?? ''}`;
  return (await caches.match(path, { cacheName: CACHE })) ?? fetch(request);
}
