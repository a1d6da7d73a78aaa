/** Data of a run that is not on its event stream: the join address, and how it advances. */
import { shallowRef, watch, type ShallowRef } from 'vue';

import { api, call } from '@/api/client';
import type { components } from '@/protocol/http';

export type RunView = components['schemas']['RunView'];

/** Requested once the stream has accepted us. On failure the screen uses defaults. */
export function useRun(
  runId: string,
  admitted: () => boolean,
): Readonly<ShallowRef<RunView | null>> {
  const run = shallowRef<RunView | null>(null);
  const stop = watch(
    admitted,
    async (yes) => {
      if (!yes) return;
      run.value = await call(
        api.GET('/api/v1/runs/{run_id}', { params: { path: { run_id: runId } } }),
      ).catch(() => null);
      stop();
    },
    { immediate: true },
  );
  return run;
}
