/** Runs changes of the sign-in methods one at a time and reports errors. */
import { reactive, ref } from 'vue';

import { ApiError } from '@/api/problem';
import { t } from '@/i18n';
import { passkeyFault } from '@/session/passkeys';
import { explanationOf } from '@/ui/toasts';

export function useAttempt() {
  const busy = ref(false);
  const failure = ref<string | null>(null);

  /** The result of `work`; `null` if it was refused or cancelled. */
  async function attempt<T>(work: () => Promise<T>): Promise<T | null> {
    if (busy.value) return null;
    busy.value = true;
    failure.value = null;
    try {
      return await work();
    } catch (error) {
      failure.value = await sentence(error);
      return null;
    } finally {
      busy.value = false;
    }
  }

  return reactive({ busy, failure, attempt });
}

async function sentence(error: unknown): Promise<string | null> {
  if (error instanceof ApiError) {
    return await explanationOf(error.code);
  }
  const fault = passkeyFault(error);
  return fault && t(`host.factors.passkey_faults.${fault}`);
}
