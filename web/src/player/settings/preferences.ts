/** What a player has chosen for this device: kept in the browser, told to nobody. */
import { reactive, watch } from 'vue';

import { read, write } from '@/ui/storage';

export interface Preferences {
  /** Read each question aloud when it opens. */
  aloud: boolean;
  /** Show only what to answer with: the question is on the big screen. */
  buttons: boolean;
  /** Send what is answered by one touch with a button, too. */
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
