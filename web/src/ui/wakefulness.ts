/** Keeps the screen on while playing, where the browser lets us. */
import { onScopeDispose } from 'vue';

export function useWakeLock(): void {
  let lock: WakeLockSentinel | null = null;
  const take = (): void => {
    if (document.hidden || !('wakeLock' in navigator)) return;
    navigator.wakeLock.request('screen').then(
      (taken) => (lock = taken),
      () => undefined, // the battery is low, or the browser does not want to
    );
  };
  take();
  document.addEventListener('visibilitychange', take);
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', take);
    void lock?.release();
  });
}
