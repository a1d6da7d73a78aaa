import { onBeforeUnmount, shallowRef, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';

/**
 * The token in the fragment of a mailed link; `null` if absent. It is removed from the address at
 * once, so that it is not visible on screen or in the history.
 */
export function useLinkToken(took: (token: string) => void = () => undefined) {
  const route = useRoute();
  const router = useRouter();
  const token = shallowRef<string | null>(null);

  // another link pasted into the same tab changes only the fragment
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
