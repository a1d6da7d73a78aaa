/** Admission and removal of players, over HTTP. */
import { api } from '@/api/client';
import type { components } from '@/protocol/http';
import { ask } from '@/session/ask';

export type Waiting = components['schemas']['WaitingLine'];
export type Removed = components['schemas']['RemovedLine'];

const LISTED = 100;

export function removedPlayers(run_id: string) {
  const params = { path: { run_id }, query: { limit: LISTED } };
  return ask(() => api.GET('/api/v1/runs/{run_id}/removed', { params }));
}

export function waitingPlayers(run_id: string) {
  return ask(() => api.GET('/api/v1/runs/{run_id}/waiting', { params: { path: { run_id } } }));
}

export function letBack(run_id: string, player_id: string) {
  const params = { path: { run_id, player_id } };
  return ask(() => api.POST('/api/v1/runs/{run_id}/players/{player_id}/let-back', { params }));
}

/** Admit some players, or everyone who is waiting. */
export function admit(run_id: string, player_ids?: string[]) {
  const body = player_ids ? { player_ids } : {};
  const params = { path: { run_id } };
  return ask(() => api.POST('/api/v1/runs/{run_id}/waiting/admit', { params, body }));
}

export function decline(run_id: string, player_id: string) {
  const params = { path: { run_id, player_id } };
  return ask(() => api.POST('/api/v1/runs/{run_id}/waiting/{player_id}/decline', { params }));
}
