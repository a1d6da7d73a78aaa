/**
 * Rows that glide to their new places when a list is put in another order. Vue's TransitionGroup
 * does the same, and would be a part of every player's first visit.
 */
import { onBeforeUpdate, onUpdated, type Ref } from 'vue';

const GLIDE_MS = 600;

/** To be called in the component that renders `list`; rows are told apart by `data-key`. */
export function useGliding(list: Readonly<Ref<HTMLElement | null>>): void {
  const before = new Map<string, number>();

  onBeforeUpdate(() => {
    before.clear();
    for (const row of rowsOf(list.value)) before.set(keyOf(row), row.getBoundingClientRect().top);
  });

  onUpdated(() => {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    for (const row of rowsOf(list.value)) {
      const from = before.get(keyOf(row));
      const by = from === undefined ? null : from - row.getBoundingClientRect().top;
      if (by === 0) continue;
      const start =
        by === null
          ? { opacity: 0, transform: 'translateY(0.75rem)' }
          : { transform: `translateY(${by}px)` };
      row.animate([start, { transform: 'none', opacity: 1 }], {
        duration: GLIDE_MS,
        easing: 'cubic-bezier(0.2, 0.9, 0.3, 1)',
      });
    }
  });
}

function rowsOf(list: HTMLElement | null): HTMLElement[] {
  return [...(list?.children ?? [])].filter((row) => row instanceof HTMLElement);
}

function keyOf(row: HTMLElement): string {
  return row.dataset.key ?? '';
}
