/** The notes of each cue. */
import type { Cue } from './cues';

export interface Note {
  frequency_hz: number;
  at_s: number;
  length_s: number;
  /** 0 to 1. */
  volume: number;
  wave: OscillatorType;
}

const CONCERT_A_HZ = 440;
const CONCERT_A = 69;

/** The frequency of a MIDI key, in equal temperament. */
function hz(key: number): number {
  return CONCERT_A_HZ * 2 ** ((key - CONCERT_A) / 12);
}

function note(key: number, at_s: number, length_s: number, volume: number): Note {
  return { frequency_hz: hz(key), at_s, length_s, volume, wave: 'triangle' };
}

/** Major pentatonic, in which any two notes are consonant. */
const PLEASANT = [72, 74, 76, 79, 81, 84];

export function notesOf(cue: Cue, random: () => number = Math.random): Note[] {
  switch (cue) {
    case 'join':
      return [note(PLEASANT[Math.floor(random() * PLEASANT.length)] ?? 72, 0, 0.18, 0.25)];
    case 'tick':
      return [note(76, 0, 0.12, 0.4)];
    case 'open':
      return [note(72, 0, 0.12, 0.4), note(79, 0.1, 0.3, 0.45)];
    case 'hurry':
      return [{ ...note(88, 0, 0.08, 0.22), wave: 'square' }];
    case 'time_up':
      return [note(67, 0, 0.2, 0.45), note(60, 0.16, 0.45, 0.45)];
    case 'reveal':
      return [note(72, 0, 0.25, 0.35), note(76, 0.09, 0.25, 0.35), note(79, 0.18, 0.5, 0.4)];
    case 'drum':
      return Array.from({ length: 28 }, (_, beat) => ({
        ...note(43, beat * 0.11, 0.09, 0.12 + beat * 0.012),
        wave: 'sawtooth' as const,
      }));
    case 'fanfare':
      return [
        ...[67, 67, 67].map((key, place) => note(key, place * 0.13, 0.12, 0.45)),
        ...[60, 64, 67, 72].map((key) => note(key, 0.42, 1.4, 0.3)),
        ...[76, 79].map((key) => note(key, 0.8, 1.2, 0.3)),
      ];
  }
}
