import { describe, expect, it } from 'vitest';

import { cueOf, type Scene } from './cues';
import { notesOf } from './notes';

const lobby: Scene = { view: 'lobby', paused: false, players: 3, seconds: 0 };
const asking: Scene = { view: 'question', paused: false, players: 3, seconds: 6 };

describe('sound cues', () => {
  it('announce players who join, not those who leave', () => {
    expect(cueOf(lobby, { ...lobby, players: 4 })).toBe('join');
    expect(cueOf(lobby, { ...lobby, players: 2 })).toBeNull();
    expect(cueOf(asking, { ...asking, players: 4 })).toBeNull();
  });

  it('count the last five seconds of a question, each once', () => {
    expect(cueOf({ ...asking, seconds: 7 }, asking)).toBeNull();
    expect(cueOf(asking, { ...asking, seconds: 5 })).toBe('hurry');
    expect(cueOf({ ...asking, seconds: 5 }, { ...asking, seconds: 5 })).toBeNull();
    expect(cueOf({ ...asking, seconds: 1 }, { ...asking, seconds: 0 })).toBeNull();
  });

  it('are silent while the run is paused', () => {
    expect(cueOf(asking, { ...asking, seconds: 5, paused: true })).toBeNull();
  });

  it('introduce each view once', () => {
    expect(cueOf({ ...asking, view: 'ready' }, asking)).toBe('open');
    expect(cueOf(asking, { ...asking, view: 'counting' })).toBe('time_up');
    expect(cueOf({ ...asking, view: 'counting' }, { ...asking, view: 'solution' })).toBe('reveal');
    expect(cueOf({ ...asking, view: 'solution' }, { ...asking, view: 'podium' })).toBe('drum');
    expect(cueOf({ ...asking, view: 'solution' }, { ...asking, view: 'standings' })).toBeNull();
  });

  it('all have playable notes', () => {
    for (const cue of [
      'join',
      'tick',
      'open',
      'hurry',
      'time_up',
      'reveal',
      'drum',
      'fanfare',
    ] as const) {
      const notes = notesOf(cue, () => 0.999);
      expect(notes.length).toBeGreaterThan(0);
      for (const { frequency_hz, length_s, volume } of notes) {
        expect(frequency_hz).toBeGreaterThan(50);
        expect(frequency_hz).toBeLessThan(2_000);
        expect(length_s).toBeGreaterThan(0.02);
        expect(volume).toBeGreaterThan(0);
        expect(volume).toBeLessThanOrEqual(0.5);
      }
    }
  });
});
