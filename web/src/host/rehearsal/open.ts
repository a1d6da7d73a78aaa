/** Opening a rehearsal, and where a run is hosted from. */
import type { RouteLocationRaw } from 'vue-router';

import { api } from '@/api/client';
import { ask } from '@/session/ask';
import { randomKey } from '@/ui/random';

import { lastSettings, settingsOf } from '../library/run-settings';
import type { RunSettings, RunView } from '../types';

import { MOST_PLAYERS } from './characters';

/** As the host's last run went, so that it is that which is tried; but it waits for its host. */
export function rehearsalSettings(): RunSettings {
  return {
    ...settingsOf(lastSettings()),
    auto_start_players: null,
    late_join: true,
    max_players: MOST_PLAYERS,
    rehearsal: true,
  };
}

/** Open a rehearsal of a quiz; where it is. */
export async function openRehearsal(quizId: string): Promise<RouteLocationRaw> {
  const body = { quiz_id: quizId, settings: rehearsalSettings() };
  const header = { 'Idempotency-Key': randomKey() };
  const run = await ask(() => api.POST('/api/v1/runs', { params: { header }, body }));
  return { name: 'rehearsal', params: { run: run.run_id } };
}

/** The page that a run which is not over is hosted from. */
export function deskOf(run: RunView): RouteLocationRaw {
  const name = run.settings.rehearsal ? 'rehearsal' : 'console';
  return { name, params: { run: run.run_id } };
}
