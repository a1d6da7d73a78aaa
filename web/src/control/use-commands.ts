/** Sends commands to a run, one at a time, from the console and the big screen. */
import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue';

import { api } from '@/api/client';
import { ApiError } from '@/api/problem';
import type { HostState } from '@/live/state';
import { ask } from '@/session/ask';
import { toastError } from '@/ui/toasts';

import { positionOf, type Command } from './controls';

/** How long to wait for a command's effect on the event stream. */
const EFFECT_MS = 4_000;
const MOVES = new Set<Command>(['start', 'pause', 'resume', 'next', 'skip', 'end']);

export interface Commands {
  /** The command in progress; others are rejected meanwhile. */
  busy: Readonly<Ref<Command | null>>;
  /** Whether the run is locked, including a toggle still in progress. */
  locked: ComputedRef<boolean>;
  send: (command: Command) => Promise<boolean>;
  kick: (playerId: string) => Promise<boolean>;
}

export function useCommands(runId: () => string, state: () => HostState | null): Commands {
  const busy = ref<Command | null>(null);
  /** Shown optimistically, since nothing else depends on the switch. */
  const wanted = ref<boolean | null>(null);
  const sent_from = shallowRef<string | null>(null);
  let patience: ReturnType<typeof setTimeout> | undefined;

  function settle(): void {
    clearTimeout(patience);
    sent_from.value = null;
    busy.value = null;
  }

  async function send(command: Command): Promise<boolean> {
    const now = state();
    if (busy.value || !now) return false;
    busy.value = command;
    if (command === 'lock' || command === 'unlock') wanted.value = command === 'lock';
    if (MOVES.has(command)) sent_from.value = positionOf(now);
    try {
      await post(command);
    } catch (error) {
      wanted.value = null;
      if (busy.value === command) settle();
      // another device was faster: the aim is already reached
      if (!(error instanceof ApiError && error.code === 'run_finished')) await toastError(error);
      return false;
    }
    if (!MOVES.has(command)) settle();
    // unless an event has already confirmed it
    else if (busy.value === command) patience = setTimeout(settle, EFFECT_MS);
    return true;
  }

  const post = (command: Command) =>
    ask(() =>
      api.POST(`/api/v1/runs/{run_id}/${command}`, { params: { path: { run_id: runId() } } }),
    );

  async function kick(playerId: string): Promise<boolean> {
    try {
      const path = { run_id: runId(), player_id: playerId };
      await ask(() =>
        api.POST('/api/v1/runs/{run_id}/players/{player_id}/kick', { params: { path } }),
      );
      return true;
    } catch (error) {
      await toastError(error);
      return false;
    }
  }

  watch(state, (now) => {
    if (!now) return;
    if (sent_from.value !== null && positionOf(now) !== sent_from.value) settle();
    if (wanted.value === now.locked) wanted.value = null;
  });
  onScopeDispose(() => clearTimeout(patience));

  return {
    busy,
    locked: computed(() => wanted.value ?? state()?.locked ?? false),
    send,
    kick,
  };
}
