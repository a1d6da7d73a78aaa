/**
 * What a player has entered but not sent. A draft outlives the component that edits it, which is
 * removed when a question that was published late is opened again.
 */
import { inject, provide, ref, watch, type InjectionKey, type Ref } from 'vue';

const KEY: InjectionKey<{ draft: Ref | null }> = Symbol('draft');

/** Keep the draft of the components below until `question` changes. */
export function provideDraft(question: () => number | undefined): void {
  const kept: { draft: Ref | null } = { draft: null };
  provide(KEY, kept);
  watch(question, () => (kept.draft = null), { flush: 'sync' });
}

/** The kept draft, or a new one with this content. */
export function useDraft<T>(initial: T): Ref<T> {
  const kept = inject(KEY, { draft: null });
  return (kept.draft ??= ref(initial)) as Ref<T>;
}
