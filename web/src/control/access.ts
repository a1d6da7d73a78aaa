/** Whether the host may control the run shown, or only watch it. */
import {
  computed,
  inject,
  provide,
  shallowRef,
  watch,
  type ComputedRef,
  type InjectionKey,
} from 'vue';

import { api } from '@/api/client';
import { ask } from '@/session/ask';

import { allows, type Right } from './rights';

const STEERS: InjectionKey<ComputedRef<boolean>> = Symbol('steers');

export interface RunAccess {
  /** `null` while unknown. */
  right: ComputedRef<Right | null>;
  /** True while unknown; the server rejects what is not allowed. */
  steers: ComputedRef<boolean>;
  owner: ComputedRef<boolean>;
}

/** Load the host's right on the run, and provide it to child components (`useSteers`). */
export function provideRunAccess(runId: () => string | null): RunAccess {
  const right = shallowRef<Right | null>(null);
  watch(
    runId,
    async (id) => {
      right.value = null;
      if (id === null) return;
      const found = await membersOf(id).catch(() => null);
      if (found && id === runId()) right.value = found.right;
    },
    { immediate: true },
  );
  const steers = computed(() => right.value === null || allows(right.value, 'control'));
  provide(STEERS, steers);
  return {
    right: computed(() => right.value),
    steers,
    owner: computed(() => right.value === 'owner'),
  };
}

/** Whether buttons that change the run are shown. */
export function useSteers(): ComputedRef<boolean> {
  return inject(STEERS, () => computed(() => true), true);
}

function membersOf(run_id: string) {
  return ask(() => api.GET('/api/v1/runs/{run_id}/members', { params: { path: { run_id } } }));
}
