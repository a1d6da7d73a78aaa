import { describe, expect, it } from 'vitest';

import { hostState } from './testing';
import { controlsOf, isLast, positionOf, type Command, type Standing } from './controls';

const at = (phase: Standing['phase'], change: Partial<Standing> = {}) =>
  controlsOf({ phase, paused: false, locked: false, ...change });
const commands = (...wanted: Command[]) => new Set(wanted);

describe('the host’s controls', () => {
  it('offer in each state what the server accepts there', () => {
    expect(at('lobby')).toEqual({ primary: 'start', enabled: commands('end', 'lock', 'start') });
    expect(at('starting')).toEqual({ primary: null, enabled: commands('end', 'lock', 'pause') });
    expect(at('question')).toEqual({
      primary: 'skip',
      enabled: commands('end', 'lock', 'skip', 'pause'),
    });
    expect(at('reveal')).toEqual({
      primary: 'next',
      enabled: commands('end', 'lock', 'next', 'pause', 'show-standings', 'hide-standings'),
    });
  });

  it('offer to resume, and no other way to advance, while paused', () => {
    for (const phase of ['starting', 'question', 'reveal'] as const)
      expect(at(phase, { paused: true })).toEqual({
        primary: 'resume',
        enabled: commands('end', 'lock', 'resume'),
      });
  });

  it('offer to start a paused lobby, which resumes it', () => {
    expect(at('lobby', { paused: true })).toEqual({
      primary: 'start',
      enabled: commands('end', 'lock', 'start'),
    });
  });

  it('offer to open the answers during reading time', () => {
    expect(at('question', { reading: true })).toEqual({
      primary: 'next',
      enabled: commands('end', 'lock', 'next', 'pause', 'skip'),
    });
  });

  it('offer to unlock a locked run', () => {
    expect(at('lobby', { locked: true }).enabled).toEqual(commands('end', 'unlock', 'start'));
  });

  it('offer nothing when it is over', () => {
    for (const phase of ['finished', 'cancelled'] as const)
      expect(at(phase)).toEqual({ primary: null, enabled: commands() });
  });
});

describe('a run', () => {
  it('is at its last question when no other follows', () => {
    expect(isLast(hostState({ question_count: 2 }, 1))).toBe(true);
    expect(isLast(hostState({ question_count: 2 }, 0))).toBe(false);
    expect(isLast(hostState({ question_count: 2 }))).toBe(false);
  });

  it('changes its position when a command takes effect', () => {
    const position = positionOf(hostState({ phase: 'reveal' }, 0));
    expect(positionOf(hostState({ phase: 'reveal', players: 9 }, 0))).toBe(position);
    expect(positionOf(hostState({ phase: 'question' }, 1))).not.toBe(position);
    expect(positionOf(hostState({ phase: 'reveal', paused: true }, 0))).not.toBe(position);
  });
});
