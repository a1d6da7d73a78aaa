/** Whether the host wants to see solutions while a question is open: the desk may be seen by others. */
import { readonly, ref } from 'vue';

import { read, write } from '@/ui/storage';

const KEY = 'quizrun.host.solution';
const shown = ref(read(KEY) !== null);

export function useSolutionShown() {
  const toggle = (): void => {
    shown.value = !shown.value;
    write(KEY, shown.value ? '1' : null);
  };
  return { shown: readonly(shown), toggle };
}
