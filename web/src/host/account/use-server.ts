import { ref } from 'vue';

import { aboutServer } from '@/session/server';

/** The server's capabilities; `null` while unknown. */
export function useServer() {
  const mail = ref<boolean | null>(null);
  aboutServer().then(
    (about) => (mail.value = about.mail),
    () => undefined,
  );
  return { mail };
}
