/** Whether the server can be reached: by the browser's state or, on a cached page, by a request. */
import { onScopeDispose, readonly, ref, type Ref } from 'vue';

const PROBE = '/sw.js';
const PATIENCE_MS = 4_000;
const AGAIN_MS = 5_000;

export function useOffline(): Readonly<Ref<boolean>> {
  const offline = ref(!navigator.onLine);
  const leaving = new AbortController();
  const { signal } = leaving;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function probe(): Promise<void> {
    clearTimeout(timer);
    const reached = navigator.onLine && (await reachesServer());
    if (signal.aborted) return;
    offline.value = !reached;
    if (!reached) timer = setTimeout(() => void probe(), AGAIN_MS);
  }

  window.addEventListener('online', () => void probe(), { signal });
  window.addEventListener('offline', () => (offline.value = true), { signal });
  // a page from the service worker's cache may be open without a network
  if (offline.value || kept()) void probe();
  onScopeDispose(() => {
    leaving.abort();
    clearTimeout(timer);
  });
  return readonly(offline);
}

function kept(): boolean {
  return 'serviceWorker' in navigator && navigator.serviceWorker.controller !== null;
}

/** Whether the server currently responds. */
export async function reachesServer(): Promise<boolean> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = fetch(PROBE, { method: 'HEAD', cache: 'no-store', signal });
  return answer.then(
    () => true,
    () => false,
  );
}
