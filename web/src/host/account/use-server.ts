import { ref } from 'vue';

import { aboutServer } from '@/session/server';

/** What the server can do; `null` until that is known. */
export function useServer() {
  const mail = ref<boolean | null>(null);
  aboutServer().then(
    (about) => (mail.value = about.mail),
    () => undefined,
  );
  return { mail };
}
