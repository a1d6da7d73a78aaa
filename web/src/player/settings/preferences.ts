/** The player's preferences for this device, stored in the browser only. */
import { reactive, watch } from 'vue';

import { read, write } from '@/ui/storage';

export interface Preferences {
  /** Read each question aloud when it opens. */
  aloud: boolean;
  /** Show only the answer buttons, as the question is on the big screen. */
  buttons: boolean;
  /** Require a submit button also for questions answered by one tap. */
  check: boolean;
}

const KEY = 'quizrun.own';
const INITIAL: Preferences = { aloud: false, buttons: false, check: false };

function stored(): Partial<Preferences> {
  try {
    return (JSON.parse(read(KEY) ?? '{}') ?? {}) as Partial<Preferences>;
  } catch {
    return {};
  }
}

export const preferences = reactive<Preferences>({ ...INITIAL, ...stored() });
watch(preferences, (now) => write(KEY, JSON.stringify(now)));
