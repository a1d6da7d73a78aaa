/** Players waiting for admission and players removed, polled while shown. */
import { onScopeDispose, readonly, shallowRef, watch } from 'vue';

import { t } from '@/i18n';
import { toastError, toastWithAction } from '@/ui/toasts';

import {
  admit,
  decline,
  letBack,
  removedPlayers,
  waitingPlayers,
  type Removed,
  type Waiting,
} from './api';

const WAITING_MS = 2_000;

export function useAdmission(runId: () => string, approves: () => boolean) {
  const waiting = shallowRef<readonly Waiting[]>([]);
  const total = shallowRef(0);
  const removed = shallowRef<readonly Removed[]>([]);
  /** The message that offers to undo the latest removal. */
  let offer: { playerId: string; withdraw: () => void } | undefined;

  async function lookAtWaiting(): Promise<void> {
    if (!approves()) return;
    const found = await waitingPlayers(runId()).catch(() => null);
    if (!found) return; // the next poll tries again
    waiting.value = found.items;
    total.value = found.total;
  }

  async function lookAtRemoved(): Promise<void> {
    const found = await removedPlayers(runId()).catch(() => null);
    if (found) removed.value = found.items;
  }

  /** Run an action and refresh both lists. Resolves to whether it succeeded. */
  async function carryOut(action: () => Promise<unknown>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (error) {
      await toastError(error);
      return false;
    } finally {
      await Promise.all([lookAtWaiting(), lookAtRemoved()]);
    }
  }

  const back = (playerId: string) =>
    carryOut(async () => {
      await letBack(runId(), playerId);
      if (offer?.playerId === playerId) offer.withdraw();
    });

  /** Announce a removal, with an Undo button. */
  function toldRemoved(playerId: string, nickname: string, undone?: () => void): void {
    void lookAtRemoved();
    const withdraw = toastWithAction(t('moderation.removed_now', { name: nickname }), {
      label: t('moderation.undo'),
      run: () => void back(playerId).then((done) => done && undone?.()),
    });
    offer = { playerId, withdraw };
  }

  async function turnAway(one: Waiting): Promise<void> {
    waiting.value = waiting.value.filter((other) => other.player_id !== one.player_id);
    if (await carryOut(() => decline(runId(), one.player_id)))
      toldRemoved(one.player_id, one.nickname);
  }

  let again: ReturnType<typeof setInterval> | undefined;
  watch(
    [runId, approves],
    () => {
      clearInterval(again);
      void lookAtRemoved();
      void lookAtWaiting();
      if (approves())
        again = setInterval(() => !document.hidden && void lookAtWaiting(), WAITING_MS);
      else {
        waiting.value = [];
        total.value = 0;
      }
    },
    { immediate: true },
  );
  onScopeDispose(() => clearInterval(again));

  return {
    waiting: readonly(waiting),
    total: readonly(total),
    removed: readonly(removed),
    lookAtRemoved,
    back,
    toldRemoved,
    turnAway,
    letIn: (one?: Waiting) => carryOut(() => admit(runId(), one && [one.player_id])),
  };
}

export type Admission = ReturnType<typeof useAdmission>;
