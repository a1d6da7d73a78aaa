import { onBeforeUnmount } from 'vue';

/** Does something whenever this page is looked at again. */
export function useWhenBack(look: () => unknown): void {
  const changed = (): void => {
    if (!document.hidden) look();
  };
  document.addEventListener('visibilitychange', changed);
  onBeforeUnmount(() => document.removeEventListener('visibilitychange', changed));
}
