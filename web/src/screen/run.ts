/** What the big screen needs of a run beyond its stream: where to join, and how it advances. */
import { shallowRef, watch, type ShallowRef } from 'vue';

import { api, call } from '@/api/client';
import type { components } from '@/protocol/http';

export type RunView = components['schemas']['RunView'];

/** Asked for once the stream has let us in; without it the screen works with its own guesses. */
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
