/** What screen readers are told without looking. `App.vue` holds the regions. */
import { readonly, ref } from 'vue';

const politely = ref('');
const urgently = ref('');

export const polite = readonly(politely);
export const assertive = readonly(urgently);

/** Say something when the reader has finished; `urgent` interrupts. */
export function announce(text: string, urgent = false): void {
  const region = urgent ? urgently : politely;
  // the same text twice is only heard when the region was empty in between
  region.value = '';
  setTimeout(() => (region.value = text), 50);
}
