/** How a run shall go: as chosen in a form, as the server takes it, and as chosen last time. */
import { read, write } from '@/ui/storage';

import type { RunSettings } from '../types';

import { SAFETY_DEFAULTS, safetySettings, type SafetyForm } from './safety-settings';

/** Numbers as typed; blank where that means none. */
export interface SettingsForm extends SafetyForm {
  countdown_s: string;
  reveal_s: string;
  advance: 'auto' | 'host';
  auto_start_players: string;
  late_join: boolean;
  max_players: string;
  streak_bonus: boolean;
  scoring: 'speed' | 'accuracy';
}

export const RANGES = {
  countdown_s: { least: 0, most: 60 },
  reveal_s: { least: 1, most: 300 },
  auto_start_players: { least: 1, most: 100_000 },
  max_players: { least: 1, most: 100_000 },
} as const;

export type NumberSetting = keyof typeof RANGES;

export const DEFAULTS: SettingsForm = {
  countdown_s: '3',
  reveal_s: '5',
  advance: 'auto',
  auto_start_players: '',
  late_join: true,
  max_players: '20000',
  streak_bonus: false,
  scoring: 'speed',
  ...SAFETY_DEFAULTS,
};

/** The settings with a number that the server would not take. */
export function wrongNumbers(form: SettingsForm): NumberSetting[] {
  return (Object.keys(RANGES) as NumberSetting[]).filter((name) => {
    const typed = form[name].trim();
    if (name === 'auto_start_players' && typed === '') return false;
    if (name === 'reveal_s' && form.advance === 'host') return false;
    const value = Number(typed);
    return !/^\d+$/.test(typed) || value < RANGES[name].least || value > RANGES[name].most;
  });
}

export function settingsOf(form: SettingsForm): RunSettings {
  const reveal_s = Number(form.reveal_s);
  return {
    countdown_s: Number(form.countdown_s),
    ...(form.advance === 'auto' ? { reveal_s } : {}),
    auto_advance: form.advance === 'auto',
    auto_start_players: form.auto_start_players.trim() ? Number(form.auto_start_players) : null,
    late_join: form.late_join,
    max_players: Number(form.max_players),
    streak_bonus: form.streak_bonus,
    scoring: form.scoring,
    ...safetySettings(form),
  };
}

const KEY = 'quizrun.run-settings';

/** The settings of the last run that was started here. */
export function lastSettings(): SettingsForm {
  try {
    const kept = JSON.parse(read(KEY) ?? '{}') as Partial<Record<keyof SettingsForm, unknown>>;
    const same = Object.entries(DEFAULTS).map(([name, usual]) => {
      const last = kept[name as keyof SettingsForm];
      return [name, typeof last === typeof usual ? last : usual];
    });
    const form = Object.fromEntries(same) as SettingsForm;
    return wrongNumbers(form).length ? { ...DEFAULTS } : form;
  } catch {
    return { ...DEFAULTS };
  }
}

export function rememberSettings(form: SettingsForm): void {
  write(KEY, JSON.stringify(form));
}
