import { describe, expect, it } from 'vitest';

import {
  changesOf,
  DEFAULTS,
  formOf,
  lastSettings,
  rememberSettings,
  settingsOf,
  wrongNumbers,
} from './run-settings';

describe('the settings of a run', () => {
  it('are sent in the server’s format', () => {
    expect(settingsOf(DEFAULTS)).toEqual({
      countdown_s: 3,
      auto_advance: true,
      auto_start_players: null,
      late_join: true,
      max_players: 20_000,
      streak_bonus: false,
      scoring: 'speed',
      reading_s: 0,
      reveal: 'auto',
      timer: true,
      leaderboard: 'shown',
      leaderboard_every: 1,
      break_every: null,
      break_after: [],
      phones: 'full',
      own_extra_time: 100,
    });
    const other = {
      ...DEFAULTS,
      advance: 'host' as const,
      auto_start_players: ' 12 ',
      reading: 'fixed' as const,
      reading_s: '7',
      breaks: true,
    };
    expect(settingsOf(other)).toMatchObject({
      auto_advance: false,
      auto_start_players: 12,
      reading_s: 7,
      break_every: 5,
      break_s: 60,
    });
    expect(settingsOf({ ...DEFAULTS, reading: 'auto' }).reading_s).toBe('auto');
  });

  it('can have breaks after chosen questions', () => {
    const form = {
      ...DEFAULTS,
      breaks: true,
      break_by: 'after' as const,
      break_after: '8, 3;3 12',
    };
    expect(settingsOf(form)).toMatchObject({ break_every: null, break_after: [3, 8, 12] });
    expect(formOf(settingsOf(form))).toMatchObject({ breaks: true, break_after: '3, 8, 12' });
    expect(changesOf(form, settingsOf(form))).not.toHaveProperty('break_after');
    const every = { ...form, break_by: 'every' as const };
    expect(changesOf(every, settingsOf(form))).toMatchObject({ break_every: 5, break_after: [] });
    for (const break_after of ['', '0', '501', '3-5', 'three', '1.5'])
      expect(wrongNumbers({ ...form, break_after })).toEqual(['break_after']);
    expect(wrongNumbers({ ...every, break_after: 'x' })).toEqual([]);
  });

  it('report numbers out of bounds', () => {
    expect(wrongNumbers(DEFAULTS)).toEqual([]);
    expect(
      wrongNumbers({
        ...DEFAULTS,
        countdown_s: '61',
        reveal: 'fixed',
        reveal_s: '0',
        max_players: 'all',
        auto_start_players: '1.5',
        breaks: true,
        break_s: '4',
      }),
    ).toEqual(['reveal_s', 'break_s', 'countdown_s', 'max_players', 'auto_start_players']);
  });

  it('send the seats of a network only if they are not the usual ones', () => {
    const form = { ...DEFAULTS, seats_per_network: '40' };
    expect(settingsOf(form)).toMatchObject({ seats_per_network: 40 });
    expect(formOf(settingsOf(form)).seats_per_network).toBe('40');
    expect(changesOf(DEFAULTS, settingsOf(form))).toMatchObject({ seats_per_network: 1000 });
    expect(wrongNumbers({ ...DEFAULTS, seats_per_network: '0' })).toEqual(['seats_per_network']);
  });

  it('ignore numbers that do not apply', () => {
    expect(wrongNumbers({ ...DEFAULTS, reveal_s: '', break_s: '', reading_s: 'x' })).toEqual([]);
  });

  it('are restored into the form, and only changes are sent', () => {
    const form = { ...DEFAULTS, breaks: true, break_every: '4', reading: 'auto' as const };
    const safety = {
      approve_players: false,
      moderate_answers: false,
      filter_names: true,
      names: 'chosen',
    } as const;
    const settings = { reveal_s: 5, ...settingsOf(form), ...safety };
    expect(settingsOf(formOf(settings))).toEqual(settingsOf(form));
    expect(changesOf(form, settings)).toEqual({});
    expect(changesOf({ ...form, timer: false }, settings)).toEqual({ timer: false });
  });

  it('are remembered, unless the stored value is invalid', () => {
    rememberSettings({ ...DEFAULTS, countdown_s: '10', scoring: 'accuracy' });
    expect(lastSettings()).toMatchObject({ countdown_s: '10', scoring: 'accuracy' });
    localStorage.setItem('quizrun.run-settings', '{"countdown_s": 10, "late_join": false}');
    expect(lastSettings()).toEqual({ ...DEFAULTS, late_join: false });
    localStorage.setItem('quizrun.run-settings', '{"countdown_s": "many"}');
    expect(lastSettings()).toEqual(DEFAULTS);
    localStorage.setItem('quizrun.run-settings', 'nonsense');
    expect(lastSettings()).toEqual(DEFAULTS);
  });
});
