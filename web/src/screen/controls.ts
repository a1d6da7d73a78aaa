/** Keys, full screen, and whether anyone is at the controls. */
import { onMounted, onScopeDispose, readonly, ref, type Ref } from 'vue';

import { read, write } from '@/ui/storage';

const IDLE_MS = 4_000;

/** True while nobody has moved the pointer or touched a key for a while: controls may hide. */
export function useIdle(): Readonly<Ref<boolean>> {
  const idle = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stir = (): void => {
    idle.value = false;
    clearTimeout(timer);
    timer = setTimeout(() => (idle.value = true), IDLE_MS);
  };
  const leaving = new AbortController();
  onMounted(() => {
    for (const event of ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const)
      window.addEventListener(event, stir, { signal: leaving.signal, passive: true });
    stir();
  });
  onScopeDispose(() => {
    leaving.abort();
    clearTimeout(timer);
  });
  return readonly(idle);
}

export interface FullScreen {
  /** Whether the browser has it at all. */
  possible: boolean;
  on: Readonly<Ref<boolean>>;
  toggle(): void;
}

export function useFullScreen(): FullScreen {
  const on = ref(document.fullscreenElement !== null);
  const look = (): void => {
    on.value = document.fullscreenElement !== null;
  };
  document.addEventListener('fullscreenchange', look);
  onScopeDispose(() => document.removeEventListener('fullscreenchange', look));
  return {
    possible: document.fullscreenEnabled,
    on: readonly(on),
    toggle: () => {
      const done = on.value
        ? document.exitFullscreen()
        : document.documentElement.requestFullscreen();
      done.catch(() => undefined); // refused by the browser: the page stays as it is
    },
  };
}

const KEYS_OFF = 'quizrun.screen.keys-off';

/**
 * Single keys that do something. Who speaks to their computer, or leans on the keyboard, can turn
 * them off; and a key that means something where the focus is stays with that.
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
