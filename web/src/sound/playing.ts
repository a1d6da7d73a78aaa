/** One sound and its playback position. Playback starts only by `play`. */
import { computed, onBeforeUnmount, ref, watch, type ComputedRef, type Ref } from 'vue';

export interface Sound {
  url: string;
  /** The transcript. */
  text?: string;
  duration_ms?: number | null;
}

export interface Playing {
  /** Event handlers for the audio element. */
  readonly on: Record<string, () => void>;
  readonly playing: Readonly<Ref<boolean>>;
  readonly failed: Readonly<Ref<boolean>>;
  readonly at_s: Readonly<Ref<number>>;
  readonly length_s: ComputedRef<number>;
  readonly play: () => Promise<void>;
  readonly toggle: () => void;
  readonly seek: (at_s: number) => void;
}

/** The sound currently playing; only one plays at a time. */
let current: HTMLAudioElement | null = null;

/** While `silent` is true, playback is paused. */
export function usePlaying(
  element: Readonly<Ref<HTMLAudioElement | null>>,
  sound: () => Sound,
  silent: () => boolean,
): Playing {
  const playing = ref(false);
  const failed = ref(false);
  const at_s = ref(0);
  const told_s = ref(0);
  let held = false;

  const length_s = computed(() => told_s.value || (sound().duration_ms ?? 0) / 1000);

  async function play(): Promise<void> {
    const audio = element.value;
    if (!audio || silent()) return;
    if (current !== audio) current?.pause();
    current = audio;
    try {
      await audio.play();
    } catch (error) {
      // blocked autoplay or a pause meanwhile is not an error of the sound
      const name = error instanceof Error ? error.name : '';
      if (name !== 'NotAllowedError' && name !== 'AbortError') failed.value = true;
    }
  }

  function toggle(): void {
    if (playing.value) element.value?.pause();
    else void play();
  }

  function seek(to_s: number): void {
    if (!element.value) return;
    element.value.currentTime = to_s;
    at_s.value = to_s;
  }

  function look(): void {
    const audio = element.value;
    if (!audio) return;
    playing.value = !audio.paused && !audio.ended;
    at_s.value = audio.currentTime;
    // Infinity while a recording's duration is unknown
    if (Number.isFinite(audio.duration)) told_s.value = audio.duration;
  }

  watch(silent, (hush) => {
    if (hush) {
      held = playing.value;
      element.value?.pause();
    } else if (held) {
      held = false;
      void play();
    }
  });
  watch(
    () => sound().url,
    () => {
      failed.value = playing.value = false;
      at_s.value = told_s.value = 0;
    },
  );
  onBeforeUnmount(() => {
    element.value?.pause();
    if (current === element.value) current = null;
  });

  return {
    on: {
      play: look,
      pause: look,
      ended: look,
      timeupdate: look,
      durationchange: look,
      error: () => (failed.value = true),
    },
    playing,
    failed,
    at_s,
    length_s,
    play,
    toggle,
    seek,
  };
}

/** Format as `1:05`, in whole seconds. */
export function clockOf(seconds: number): string {
  const whole = Math.floor(seconds + 0.05);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
