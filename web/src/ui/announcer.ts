/** Announcements for screen readers. `App.vue` holds the live regions. */
import { readonly, ref } from 'vue';

/** Minimum time a text stays. If replaced sooner, it may never be read out. */
const HOLD_MS = 700;
/** A repeated text is only read out if the region was empty in between. */
const GAP_MS = 50;
/** Maximum queue length; the oldest entry is dropped. */
const WAITING_MOST = 6;

const politely = announcements();
const urgently = announcements();

export const polite = politely.text;
export const assertive = urgently.text;

/** Announce a text after the current one; `urgent` interrupts. */
export function announce(text: string, urgent = false): void {
  (urgent ? urgently : politely).say(text);
}

/** A live region with a queue. */
function announcements() {
  const text = ref('');
  const waiting: string[] = [];
  let busy = false;

  const next = (): void => {
    const said = waiting.shift();
    busy = said !== undefined;
    if (said === undefined) return;
    text.value = '';
    setTimeout(() => {
      text.value = said;
      setTimeout(next, HOLD_MS);
    }, GAP_MS);
  };
  const say = (said: string): void => {
    if (waiting.at(-1) === said) return;
    if (waiting.length === WAITING_MOST) waiting.shift();
    waiting.push(said);
    if (!busy) next();
  };
  return { text: readonly(text), say };
}
