/** Keeps the screen on while playing, if the browser supports it. */
import { onScopeDispose } from 'vue';

export function useWakeLock(): void {
  let lock: WakeLockSentinel | null = null;
  const take = (): void => {
    if (document.hidden || !('wakeLock' in navigator)) return;
    navigator.wakeLock.request('screen').then(
      (taken) => (lock = taken),
      () => undefined, // refused, for example on low battery
    );
  };
  take();
  document.addEventListener('visibilitychange', take);
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', take);
    void lock?.release();
  });
}
