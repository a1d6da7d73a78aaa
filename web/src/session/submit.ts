/**
 * Submits an account form, once at a time; errors are shown at their field or for the whole form.
 */
import { nextTick, reactive, ref, type Ref } from 'vue';

import { ApiError } from '@/api/problem';
import { t } from '@/i18n';
import { codeOf, explanationOf } from '@/ui/toasts';

import { faultsOf, type AccountField, type FieldErrors } from './account';

interface Sending {
  form: Readonly<Ref<HTMLFormElement | null>>;
  /** Client-side validation. */
  check: () => FieldErrors;
  /** Rejects with the server's refusal. */
  send: () => Promise<void>;
}

export function useSubmit({ form, check, send }: Sending) {
  const faults = ref<FieldErrors>({});
  const failure = ref<string | null>(null);
  const busy = ref(false);

  async function submit(): Promise<void> {
    if (busy.value) return;
    failure.value = null;
    faults.value = check();
    if (Object.keys(faults.value).length) return focusFirst();
    busy.value = true;
    try {
      await send();
    } catch (error) {
      await explain(error);
    } finally {
      busy.value = false;
    }
  }

  async function explain(error: unknown): Promise<void> {
    if (error instanceof ApiError) faults.value = faultsOf(error);
    if (Object.keys(faults.value).length) return focusFirst();
    failure.value = await explanationOf(codeOf(error));
  }

  async function focusFirst(): Promise<void> {
    await nextTick();
    form.value?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }

  /** The error message of a field. */
  function errorAt(field: AccountField): string | null {
    const fault = faults.value[field];
    return fault ? t(`host.account.faults.${fault}`) : null;
  }

  function mended(field: AccountField): void {
    const { [field]: _, ...others } = faults.value;
    faults.value = others;
  }

  return reactive({ busy, failure, submit, errorAt, mended });
}
