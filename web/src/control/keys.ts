/** Keys of the host's console and the big screen. */
import { onScopeDispose, readonly, ref, type Ref } from 'vue';

import { read, write } from '@/ui/storage';

const KEYS_OFF = 'quizrun.screen.keys-off';
/** What is open above the page and waits for its own keys. */
const OVERLAY = 'dialog[open], [role="dialog"], [role="alertdialog"], [role="menu"]';

/**
 * Single keys that do something. Who speaks to their computer, or leans on the keyboard, can turn
 * them off; a key that means something where the focus is stays with that; and none acts on what
 * lies under an open dialog or menu.
 */
export function useKeys(actions: Readonly<Record<string, () => void>>): {
  on: Readonly<Ref<boolean>>;
  toggle: () => void;
} {
  const on = ref(read(KEYS_OFF) === null);
  const press = (event: KeyboardEvent): void => {
    const action = actions[event.key.toLowerCase()];
    if (!on.value || !action || event.repeat) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector(OVERLAY)) return;
    if (event.target instanceof HTMLElement && takesKey(event.target, event.key)) return;
    event.preventDefault();
    action();
  };
  window.addEventListener('keydown', press);
  onScopeDispose(() => window.removeEventListener('keydown', press));
  return {
    on: readonly(on),
    toggle: () => {
      on.value = !on.value;
      write(KEYS_OFF, on.value ? null : '1');
    },
  };
}

function takesKey(target: HTMLElement, key: string): boolean {
  if (target.closest('input, select, textarea')) return true;
  return key === ' ' && target.closest('button, a') !== null;
}
