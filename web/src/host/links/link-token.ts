import { onBeforeUnmount, shallowRef, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';

/**
 * The token behind the `#` of a link in a mail; `null` where there is none. It is taken out of the
 * address at once: whoever looks at the screen, or at this browser's history, must not have it.
 */
export function useLinkToken(took: (token: string) => void = () => undefined) {
  const route = useRoute();
  const router = useRouter();
  const token = shallowRef<string | null>(null);

  // a second link may be pasted into the same tab, where only the part behind the # changes
  const stop = watch(
    () => route.hash,
    (hash) => {
      if (hash.length < 2) return;
      token.value = hash.slice(1);
      void router.replace({ name: route.name, query: route.query, hash: '' });
      took(token.value);
    },
    { immediate: true },
  );
  onBeforeUnmount(stop);
  return token;
}
