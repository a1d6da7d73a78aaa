import { onBeforeUnmount } from 'vue';

/** Calls a function whenever the page becomes visible again. */
export function useWhenBack(look: () => unknown): void {
  const changed = (): void => {
    if (!document.hidden) look();
  };
  document.addEventListener('visibilitychange', changed);
  onBeforeUnmount(() => document.removeEventListener('visibilitychange', changed));
}
