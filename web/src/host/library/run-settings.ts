/** Run settings: form values, requests, and the last choice. */
import { read, write } from '@/ui/storage';

import type { RunSettings } from '../types';

import {
  allSafety,
  SAFETY_DEFAULTS,
  safetyForm,
  safetySettings,
  type SafetyForm,
} from './safety-settings';

/** Numbers as typed; blank for none. */
export interface SettingsForm extends SafetyForm {
  advance: 'auto' | 'host';
  reading: 'none' | 'auto' | 'fixed';
  reading_s: string;
  timer: boolean;
  reveal: 'auto' | 'fixed';
  reveal_s: string;
  scoring: 'speed' | 'accuracy';
  streak_bonus: boolean;
  leaderboard: 'shown' | 'asked' | 'off';
  leaderboard_every: string;
  breaks: boolean;
  break_by: 'every' | 'after';
  break_every: string;
  /** Numbers of questions, as typed. */
  break_after: string;
  break_s: string;
  phones: 'full' | 'buttons';
  /** Maximum extra time that players may choose, in percent; 0: no limit. */
  own_extra_time: '100' | '125' | '150' | '200' | '0';
  countdown_s: string;
  late_join: boolean;
  max_players: string;
  seats_per_network: string;
  auto_start_players: string;
}

export const RANGES = {
  reading_s: { least: 1, most: 60 },
  reveal_s: { least: 1, most: 300 },
  leaderboard_every: { least: 1, most: 100 },
  break_every: { least: 1, most: 500 },
  break_s: { least: 5, most: 3600 },
  countdown_s: { least: 0, most: 60 },
  max_players: { least: 1, most: 100_000 },
  seats_per_network: { least: 1, most: 100_000 },
  auto_start_players: { least: 1, most: 100_000 },
} as const;

export type NumberSetting = keyof typeof RANGES;

export const DEFAULTS: SettingsForm = {
  advance: 'auto',
  reading: 'none',
  reading_s: '5',
  timer: true,
  reveal: 'auto',
  reveal_s: '10',
  scoring: 'speed',
  streak_bonus: false,
  leaderboard: 'shown',
  leaderboard_every: '1',
  breaks: false,
  break_by: 'every',
  break_every: '5',
  break_after: '',
  break_s: '60',
  phones: 'full',
  own_extra_time: '100',
  countdown_s: '3',
  late_join: true,
  max_players: '20000',
  seats_per_network: '1000',
  auto_start_players: '',
  ...SAFETY_DEFAULTS,
};

/** Whether a number applies, given the rest of the form. */
export function matters(form: SettingsForm, name: NumberSetting): boolean {
  switch (name) {
    case 'reading_s':
      return form.reading === 'fixed';
    case 'reveal_s':
      return form.advance === 'auto' && form.reveal === 'fixed';
    case 'leaderboard_every':
      return form.leaderboard === 'shown';
    case 'break_every':
      return form.breaks && form.break_by === 'every';
    case 'break_s':
      return form.breaks;
    case 'auto_start_players':
      return form.auto_start_players.trim() !== '';
    default:
      return true;
  }
}

const MOST_BREAKS = 100;

/** Parse question numbers, such as `3, 8 12`; null if invalid. */
export function questionNumbers(typed: string): number[] | null {
  const words = typed.split(/[\s,;]+/u).filter(Boolean);
  const numbers = words.map((word) => (/^\d+$/.test(word) ? Number(word) : 0));
  const { least, most } = RANGES.break_every;
  const fit = numbers.every((number) => number >= least && number <= most);
  if (!fit || !numbers.length || numbers.length > MOST_BREAKS) return null;
  return [...new Set(numbers)].sort((one, other) => one - other);
}

/** Settings with numbers that the server would reject. */
export function wrongNumbers(form: SettingsForm): (NumberSetting | 'break_after')[] {
  const after = form.breaks && form.break_by === 'after';
  if (after && !questionNumbers(form.break_after)) return [...wrongSingle(form), 'break_after'];
  return wrongSingle(form);
}

function wrongSingle(form: SettingsForm): NumberSetting[] {
  return (Object.keys(RANGES) as NumberSetting[]).filter((name) => {
    if (!matters(form, name)) return false;
    const typed = form[name].trim();
    const value = Number(typed);
    return !/^\d+$/.test(typed) || value < RANGES[name].least || value > RANGES[name].most;
  });
}

export function settingsOf(form: SettingsForm): RunSettings {
  const number = (name: NumberSetting): Partial<RunSettings> =>
    matters(form, name) ? { [name]: Number(form[name]) } : {};
  const reading = { none: 0, auto: 'auto' as const, fixed: Number(form.reading_s) };
  return {
    ...number('countdown_s'),
    ...number('reveal_s'),
    ...number('max_players'),
    ...number('leaderboard_every'),
    ...number('break_s'),
    auto_advance: form.advance === 'auto',
    reading_s: reading[form.reading],
    timer: form.timer,
    reveal: form.reveal,
    scoring: form.scoring,
    streak_bonus: form.streak_bonus,
    leaderboard: form.leaderboard,
    break_every: matters(form, 'break_every') ? Number(form.break_every) : null,
    break_after: chosenBreaks(form),
    phones: form.phones,
    own_extra_time: Number(form.own_extra_time) as NonNullable<RunSettings['own_extra_time']>,
    late_join: form.late_join,
    auto_start_players: matters(form, 'auto_start_players')
      ? Number(form.auto_start_players)
      : null,
    ...(usualSeats(form) ? {} : number('seats_per_network')),
    ...safetySettings(form),
  };
}

/** Whether the previous release, which does not know the setting, would do the same. */
function usualSeats(form: SettingsForm): boolean {
  return form.seats_per_network.trim() === DEFAULTS.seats_per_network;
}

function chosenBreaks(form: SettingsForm): number[] {
  return form.breaks && form.break_by === 'after' ? (questionNumbers(form.break_after) ?? []) : [];
}

/** The form for a run in its lobby. */
export function formOf(settings: RunSettings): SettingsForm {
  const { reading_s = 0, break_every, break_after = [] } = settings;
  const numbers = Object.fromEntries(
    (Object.keys(RANGES) as NumberSetting[]).map((name) => [
      name,
      typeof settings[name] === 'number' ? String(settings[name]) : DEFAULTS[name],
    ]),
  );
  return {
    ...DEFAULTS,
    ...numbers,
    advance: settings.auto_advance === false ? 'host' : 'auto',
    reading: reading_s === 'auto' ? 'auto' : reading_s > 0 ? 'fixed' : 'none',
    reading_s: typeof reading_s === 'number' && reading_s > 0 ? String(reading_s) : '5',
    timer: settings.timer ?? true,
    reveal: settings.reveal ?? 'fixed',
    scoring: settings.scoring ?? 'speed',
    streak_bonus: settings.streak_bonus ?? false,
    leaderboard: settings.leaderboard ?? 'shown',
    breaks: break_every != null || break_after.length > 0,
    break_by: break_after.length ? 'after' : 'every',
    break_after: break_after.join(', '),
    phones: settings.phones ?? 'full',
    own_extra_time: `${settings.own_extra_time ?? 100}`,
    late_join: settings.late_join ?? true,
    ...safetyForm(settings),
  };
}

/** The settings changed in the form; others may have been changed elsewhere. */
export function changesOf(form: SettingsForm, settings: RunSettings): RunSettings {
  const seats_per_network = Number(form.seats_per_network);
  const wanted = Object.entries({
    ...settingsOf(form),
    ...allSafety(form),
    seats_per_network,
  }) as [keyof RunSettings, unknown][];
  const known = { seats_per_network: Number(DEFAULTS.seats_per_network), ...settings };
  return Object.fromEntries(wanted.filter(([name, value]) => !same(known[name], value)));
}

function same(one: unknown, other: unknown): boolean {
  if (!Array.isArray(other)) return one === other;
  return JSON.stringify(one ?? []) === JSON.stringify(other);
}

const KEY = 'quizrun.run-settings';

/** The settings of the last run started in this browser. */
export function lastSettings(): SettingsForm {
  try {
    const kept = JSON.parse(read(KEY) ?? '{}') as Partial<Record<keyof SettingsForm, unknown>>;
    const kinds = Object.entries(DEFAULTS).map(([name, usual]) => {
      const last = kept[name as keyof SettingsForm];
      return [name, typeof last === typeof usual ? last : usual];
    });
    const form = Object.fromEntries(kinds) as SettingsForm;
    return wrongNumbers(form).length ? { ...DEFAULTS } : form;
  } catch {
    return { ...DEFAULTS };
  }
}

export function rememberSettings(form: SettingsForm): void {
  write(KEY, JSON.stringify(form));
}
