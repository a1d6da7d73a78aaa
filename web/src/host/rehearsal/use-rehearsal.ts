/** A rehearsal's bots while the page is open. */
import { computed, onScopeDispose, shallowRef, watch } from 'vue';

import { api } from '@/api/client';
import { ask } from '@/session/ask';

import { useLoaded } from '../parts/load';
import type { QuestionResult, RunView } from '../types';

import { Bots, connector } from './bots';

const OVER = new Set<RunView['phase']>(['finished', 'cancelled']);

interface Rehearsed {
  run: RunView;
  questions: QuestionResult[];
}

export function useRehearsal(runId: () => string) {
  const bots = shallowRef<Bots | null>(null);
  const states = computed(() => bots.value?.states.value ?? []);
  const loaded = useLoaded(async (): Promise<Rehearsed> => {
    const path = { run_id: runId() };
    const [run, questions] = await Promise.all([
      ask(() => api.GET('/api/v1/runs/{run_id}', { params: { path } })),
      ask(() => api.GET('/api/v1/runs/{run_id}/questions', { params: { path } })),
    ]);
    return { run, questions: questions.items };
  });
  let left = false;

  /** Only rehearsals get bots, whatever address was opened. */
  async function send({ run, questions }: Rehearsed): Promise<void> {
    if (!run.settings.rehearsal || OVER.has(run.phase)) return;
    const connect = await connector();
    if (left || run.run_id !== runId()) return;
    bots.value = new Bots(run.run_id, run.pin, (at) => questions[at], connect);
  }

  watch(
    runId,
    () => {
      bots.value?.stop();
      bots.value = null;
      void loaded.load();
    },
    { immediate: true },
  );
  watch(loaded.value, (found) => found && !bots.value && void send(found).catch(() => undefined));

  const over = computed(
    () =>
      OVER.has(loaded.value.value?.run.phase ?? 'lobby') ||
      states.value.some((state) => state === 'over'),
  );
  watch(over, (ended) => ended && bots.value?.dismiss());
  onScopeDispose(() => {
    left = true;
    bots.value?.stop();
  });
  return { run: computed(() => loaded.value.value?.run ?? null), states, over };
}
