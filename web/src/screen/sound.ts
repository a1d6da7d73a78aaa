/** The big screen's sounds: off by default, with the choice stored. */
import { readonly, ref, type Ref } from 'vue';

import { read, write } from '@/ui/storage';

import type { Cue } from './cues';
import { notesOf, type Note } from './notes';

const KEY = 'quizrun.screen.sound';
const VOLUME = 0.5;
/** Minimum gap between join sounds, as many players may join at once. */
const JOIN_PAUSE_S = 0.12;
const ATTACK_S = 0.008;
const SILENCE = 0.0001;

const on = ref(read(KEY) === 'on');
export const soundOn: Readonly<Ref<boolean>> = readonly(on);

let context: AudioContext | null = null;
let joinedAt_s = 0;

export function turnSound(wanted: boolean): void {
  on.value = wanted;
  write(KEY, wanted ? 'on' : null);
  if (wanted) {
    wake();
    play('reveal');
  }
}

/** Browsers allow sound only after a click or key press; call this on each until it works. */
export function wake(): void {
  if (!on.value) return;
  context ??= new AudioContext();
  if (context.state === 'suspended') void context.resume();
}

export function play(cue: Cue): void {
  if (!on.value || context?.state === 'closed') return;
  // a suspended context would queue the notes
  if (!context || context.state === 'suspended') return;
  const now_s = context.currentTime;
  if (cue === 'join') {
    if (now_s - joinedAt_s < JOIN_PAUSE_S) return;
    joinedAt_s = now_s;
  }
  for (const note of notesOf(cue)) sound(context, note, now_s);
}

function sound(into: AudioContext, note: Note, now_s: number): void {
  const start_s = now_s + note.at_s;
  const end_s = start_s + note.length_s;
  const oscillator = new OscillatorNode(into, { type: note.wave, frequency: note.frequency_hz });
  const loudness = new GainNode(into, { gain: SILENCE });
  loudness.gain.setValueAtTime(SILENCE, start_s);
  loudness.gain.exponentialRampToValueAtTime(note.volume * VOLUME, start_s + ATTACK_S);
  loudness.gain.exponentialRampToValueAtTime(SILENCE, end_s);
  oscillator.connect(loudness).connect(into.destination);
  oscillator.start(start_s);
  oscillator.stop(end_s);
}
