/** The hosted run: its stream, and data loaded beside it. */
import { computed, onScopeDispose, shallowRef, watch } from 'vue';

import { api } from '@/api/client';
import { HostSession } from '@/live/host';
import { ask, signInAgain } from '@/session/ask';

import { useLoaded } from '../parts/load';

export function useHost(runId: () => string) {
  const session = shallowRef<HostSession | null>(null);
  const state = computed(() => session.value?.state.value ?? null);
  const refusal = computed(() => session.value?.refusal.value ?? null);
  const link = computed(() => session.value?.connection.link.value ?? 'connecting');
  const broken = shallowRef(false);
  let wanted = 0;

  async function open(): Promise<void> {
    const mine = ++wanted;
    session.value?.close();
    session.value = null;
    broken.value = false;
    const opened = await HostSession.open(runId()).catch(() => null);
    if (mine !== wanted) opened?.close();
    else if (opened) session.value = opened;
    else broken.value = true; // the live client could not be loaded
  }

  /** Reload everything. */
  function retry(): void {
    void open();
    void run.load();
    void questions.load();
  }

  const run = useLoaded(() =>
    ask(() => api.GET('/api/v1/runs/{run_id}', { params: { path: { run_id: runId() } } })),
  );
  /** All questions with their solutions, for the current and coming ones. */
  const questions = useLoaded(async () => {
    const path = { run_id: runId() };
    const answer = await ask(() =>
      api.GET('/api/v1/runs/{run_id}/questions', { params: { path } }),
    );
    return answer.items;
  });

  watch(runId, retry, { immediate: true });
  watch(refusal, async (refused) => {
    if (refused?.code === 'unauthorized' && (await signInAgain())) await open();
  });
  onScopeDispose(() => {
    wanted++;
    session.value?.close();
  });

  return { session, state, refusal, link, run, questions, broken, open, retry };
}
