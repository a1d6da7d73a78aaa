/** Full screen and idle detection. */
import { onMounted, onScopeDispose, readonly, ref, type Ref } from 'vue';

const IDLE_MS = 4_000;

/** True while there is no pointer or keyboard activity, so that controls can hide. */
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
  /** Whether the browser supports it. */
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
      done.catch(() => undefined); // refused by the browser; ignore
    },
  };
}
