/** Opens a rehearsal, and locates the page from which a run is hosted. */
import type { RouteLocationRaw } from 'vue-router';

import { api } from '@/api/client';
import { ask } from '@/session/ask';
import { randomKey } from '@/ui/random';

import { lastSettings, settingsOf } from '../library/run-settings';
import type { RunSettings, RunView } from '../types';

import { MOST_PLAYERS } from './characters';

/** The last run's settings, but always advanced by the host. */
export function rehearsalSettings(): RunSettings {
  return {
    ...settingsOf(lastSettings()),
    auto_start_players: null,
    late_join: true,
    max_players: MOST_PLAYERS,
    rehearsal: true,
  };
}

/** Open a rehearsal of a quiz; return its route. */
export async function openRehearsal(quizId: string): Promise<RouteLocationRaw> {
  const body = { quiz_id: quizId, settings: rehearsalSettings() };
  const header = { 'Idempotency-Key': randomKey() };
  const run = await ask(() => api.POST('/api/v1/runs', { params: { header }, body }));
  return { name: 'rehearsal', params: { run: run.run_id } };
}

/** The page from which a current run is hosted. */
export function deskOf(run: RunView): RouteLocationRaw {
  const name = run.settings.rehearsal ? 'rehearsal' : 'console';
  return { name, params: { run: run.run_id } };
}
