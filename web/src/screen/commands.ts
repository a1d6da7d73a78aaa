/** What a host can do from the big screen: what is harmless, and what begins the quiz. */
import { ref, type Ref } from 'vue';

import { api, call } from '@/api/client';
import { toastError } from '@/ui/toasts';

export type Command = 'start' | 'next' | 'pause' | 'resume';

/** Sends one command at a time; what is refused is said. */
export function useCommands(runId: string): {
  busy: Readonly<Ref<Command | null>>;
  send: (command: Command) => Promise<void>;
} {
  const busy = ref<Command | null>(null);
  const send = async (command: Command): Promise<void> => {
    if (busy.value) return;
    busy.value = command;
    try {
      await call(
        api.POST(`/api/v1/runs/{run_id}/${command}`, { params: { path: { run_id: runId } } }),
      );
    } catch (error) {
      await toastError(error);
    } finally {
      busy.value = null;
    }
  };
  return { busy, send };
}
