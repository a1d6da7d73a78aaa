/**
 * Keys 1 to 9 pick an answer while the focus is on an option. Page-wide keys would let a stray key
 * press or dictation submit a final answer (WCAG 2.1.4).
 */
import { onBeforeUnmount, onMounted, type Ref } from 'vue';

export function useDigitKeys(
  answers: Readonly<Ref<HTMLElement | null>>,
  pick: (index: number) => void,
): void {
  const listen = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (/^[1-9]$/.test(event.key)) pick(Number(event.key) - 1);
  };
  let listening: HTMLElement | null = null;
  onMounted(() => {
    listening = answers.value;
    listening?.addEventListener('keydown', listen);
  });
  onBeforeUnmount(() => listening?.removeEventListener('keydown', listen));
}
