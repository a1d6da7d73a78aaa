/** Moderation settings of a run. */
import type { RunSettings } from '../types';

export interface SafetyForm {
  approve_players: boolean;
  generated_names: boolean;
  filter_names: boolean;
  moderate_answers: boolean;
}

export const SAFETY_DEFAULTS: SafetyForm = {
  approve_players: false,
  generated_names: false,
  filter_names: true,
  moderate_answers: false,
};

type SafetySettings = Partial<
  Pick<RunSettings, 'approve_players' | 'names' | 'filter_names' | 'moderate_answers'>
>;

/** All switches, including those off, so that they can be reset in a lobby. */
export function allSafety(form: SafetyForm): Required<SafetySettings> {
  return {
    approve_players: form.approve_players,
    names: form.generated_names ? 'generated' : 'chosen',
    filter_names: form.filter_names,
    moderate_answers: form.moderate_answers,
  };
}

/** Only the switches that differ from their defaults. */
export function safetySettings(form: SafetyForm): SafetySettings {
  return {
    ...(form.approve_players ? { approve_players: true } : {}),
    ...(form.generated_names ? { names: 'generated' } : {}),
    ...(form.filter_names ? {} : { filter_names: false }),
    ...(form.moderate_answers ? { moderate_answers: true } : {}),
  };
}

export function safetyForm(settings: SafetySettings): SafetyForm {
  return {
    approve_players: settings.approve_players ?? false,
    generated_names: settings.names === 'generated',
    filter_names: settings.filter_names ?? true,
    moderate_answers: settings.moderate_answers ?? false,
  };
}
