/** Announcements for screen readers. `App.vue` holds the live regions. */
import { readonly, ref } from 'vue';

/** How long a text stays at least: what is replaced sooner is never heard. */
const HOLD_MS = 700;
/** The same text twice is only heard when the region was empty in between. */
const GAP_MS = 50;
/** Beyond so many the oldest is old news. */
const WAITING_MOST = 6;

const politely = announcements();
const urgently = announcements();

export const polite = politely.text;
export const assertive = urgently.text;

/** Say something when the reader has finished; `urgent` interrupts. */
export function announce(text: string, urgent = false): void {
  (urgent ? urgently : politely).say(text);
}

/** A region whose texts wait for one another. */
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
