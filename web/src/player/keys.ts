/** Keys 1 to 9 pick an answer, from anywhere on the page but a field that is typed into. */
import { onBeforeUnmount, onMounted } from 'vue';

export function useDigitKeys(pick: (index: number) => void): void {
  const listen = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target instanceof HTMLElement && event.target.matches('input, textarea, select'))
      return;
    // the page lies under the sign of a pause
    if (document.querySelector('main')?.inert) return;
    if (/^[1-9]$/.test(event.key)) pick(Number(event.key) - 1);
  };
  onMounted(() => window.addEventListener('keydown', listen));
  onBeforeUnmount(() => window.removeEventListener('keydown', listen));
}
