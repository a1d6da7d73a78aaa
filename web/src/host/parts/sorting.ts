/** Reordering of rows by mouse, pen or touch. */
import Sortable, { type SortableEvent } from 'sortablejs';
import { onScopeDispose, watch, type Ref } from 'vue';

const GLIDE_MS = 150;

/**
 * Make the rows of `list` draggable by elements matching `handle`, which need `touch-action: none`.
 * On a drop, `move` is called with both indices, and the owner updates the list.
 */
export function useSorting(
  list: Readonly<Ref<HTMLElement | null>>,
  handle: string,
  move: (from: number, to: number) => void,
): void {
  let sortable: Sortable | null = null;
  let after: Node | null = null;

  /** Restore the DOM order, because Vue must find the rows where it left them. */
  function restore({ from, item }: SortableEvent): void {
    if (item.parentNode !== from) return;
    from.insertBefore(item, after?.parentNode === from ? after : null);
  }

  function dropped(event: SortableEvent): void {
    const { oldIndex, newIndex } = event;
    restore(event);
    if (oldIndex !== undefined && newIndex !== undefined && oldIndex !== newIndex)
      move(oldIndex, newIndex);
  }

  watch(
    list,
    (element) => {
      sortable?.destroy();
      sortable = element && new Sortable(element, { ...options(handle), onChoose, onEnd: dropped });
    },
    { immediate: true, flush: 'post' },
  );
  function onChoose({ item }: SortableEvent): void {
    after = item.nextSibling;
  }
  onScopeDispose(() => sortable?.destroy());
}

function options(handle: string): Sortable.Options {
  return {
    handle,
    animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : GLIDE_MS,
    // native dragging lacks touch support and a customizable preview
    forceFallback: true,
    // tolerate small movements while pressing
    fallbackTolerance: 4,
    direction: 'vertical',
    ghostClass: 'gap',
    fallbackClass: 'carried',
  };
}
