/** Rows that are dragged to another place, by mouse, pen or finger. */
import Sortable, { type SortableEvent } from 'sortablejs';
import { onScopeDispose, watch, type Ref } from 'vue';

const GLIDE_MS = 150;

/**
 * Drags the rows of `list` by what matches `handle`, which needs `touch-action: none`. When one is
 * dropped elsewhere, `move` is called once with both places; the list's order is its owner's.
 */
export function useSorting(
  list: Readonly<Ref<HTMLElement | null>>,
  handle: string,
  move: (from: number, to: number) => void,
): void {
  let sortable: Sortable | null = null;
  let after: Node | null = null;

  /** Vue puts rows where the data says, and must find them where it has left them. */
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
    // the browser's own dragging knows no touch, and shows a picture that cannot be styled
    forceFallback: true,
    // a hand that presses moves a little without meaning to
    fallbackTolerance: 4,
    direction: 'vertical',
    ghostClass: 'gap',
    fallbackClass: 'carried',
  };
}
