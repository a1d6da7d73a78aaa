import { describe, expect, it } from 'vitest';

import { DEFAULTS, lastSettings, rememberSettings, settingsOf, wrongNumbers } from './run-settings';

describe('the settings of a run', () => {
  it('are sent as the server takes them', () => {
    expect(settingsOf(DEFAULTS)).toEqual({
      countdown_s: 3,
      reveal_s: 5,
      auto_advance: true,
      auto_start_players: null,
      late_join: true,
      max_players: 20_000,
      streak_bonus: false,
      scoring: 'speed',
    });
    const other = { ...DEFAULTS, advance: 'host' as const, auto_start_players: ' 12 ' };
    expect(settingsOf(other)).toMatchObject({ auto_advance: false, auto_start_players: 12 });
  });

  it('name the numbers that are out of bounds', () => {
    expect(wrongNumbers(DEFAULTS)).toEqual([]);
    expect(
      wrongNumbers({
        ...DEFAULTS,
        countdown_s: '61',
        reveal_s: '0',
        max_players: 'all',
        auto_start_players: '1.5',
      }),
    ).toEqual(['countdown_s', 'reveal_s', 'auto_start_players', 'max_players']);
  });

  it('do not mind a number that does not matter', () => {
    expect(wrongNumbers({ ...DEFAULTS, reveal_s: '', advance: 'host' })).toEqual([]);
  });

  it('are remembered, unless what was remembered makes no sense', () => {
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
