/** Keyboard shortcuts of the host console and the big screen. */
import { onScopeDispose, readonly, ref, type Ref } from 'vue';

import { read, write } from '@/ui/storage';

const KEYS_OFF = 'quizrun.screen.keys-off';
/** Open overlays, which handle their own keys. */
const OVERLAY = 'dialog[open], [role="dialog"], [role="alertdialog"], [role="menu"]';

/**
 * Single-key shortcuts. They can be turned off (WCAG 2.1.4), leave keys alone that the focused
 * element handles, and do nothing under an open dialog or menu.
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
