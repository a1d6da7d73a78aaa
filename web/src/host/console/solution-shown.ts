/**
 * Whether solutions are shown during a question. A setting, as others may see the host's screen.
 */
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
