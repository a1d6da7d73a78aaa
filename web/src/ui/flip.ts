/**
 * Animates list items to their new places (FLIP). Vue's TransitionGroup does the same but would add
 * to every player's first download.
 */
import { onBeforeUpdate, onUpdated, type Ref } from 'vue';

const GLIDE_MS = 600;
const ARRIVAL: Keyframe = { opacity: 0, transform: 'translateY(0.75rem)' };

/**
 * Call in the component that renders `list`. Items are identified by `data-key`. `arrival` is the
 * initial keyframe of new items.
 */
export function useGliding(list: Readonly<Ref<HTMLElement | null>>, arrival = ARRIVAL): void {
  const before = new Map<string, DOMRect>();

  onBeforeUpdate(() => {
    before.clear();
    for (const item of itemsOf(list.value)) before.set(keyOf(item), item.getBoundingClientRect());
  });

  onUpdated(() => {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    for (const item of itemsOf(list.value)) {
      const start = startOf(item, before.get(keyOf(item)), arrival);
      if (!start) continue;
      item.animate([start, { transform: 'none', opacity: 1 }], {
        duration: GLIDE_MS,
        easing: 'cubic-bezier(0.2, 0.9, 0.3, 1)',
      });
    }
  });
}

/** The initial keyframe of an item; `null` if it has not moved. */
function startOf(item: HTMLElement, from: DOMRect | undefined, arrival: Keyframe): Keyframe | null {
  if (!from) return arrival;
  const to = item.getBoundingClientRect();
  const [x, y] = [from.left - to.left, from.top - to.top];
  return x || y ? { transform: `translate(${x}px, ${y}px)` } : null;
}

function itemsOf(list: HTMLElement | null): HTMLElement[] {
  return [...(list?.children ?? [])].filter((item) => item instanceof HTMLElement);
}

function keyOf(item: HTMLElement): string {
  return item.dataset.key ?? '';
}
