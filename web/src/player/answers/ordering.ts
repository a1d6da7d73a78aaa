/** Moving items of a vertical list, by pointer. */
import { onScopeDispose, ref, type Ref } from 'vue';

/** `list` with the item at `from` taken to `to`. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

/**
 * Drags rows of `list`. While one is held, `dragged` is its place and `shift_px` how far it is from
 * there; `move` is called each time it has passed the middle of a neighbour.
 */
export function usePointerOrder(
  list: Readonly<Ref<HTMLElement | null>>,
  move: (from: number, to: number) => void,
) {
  const dragged = ref<number | null>(null);
  const shift_px = ref(0);
  let start_px = 0;
  let held: AbortController | null = null;

  function grab(event: PointerEvent, place: number): void {
    if (event.button !== 0 || !event.isPrimary) return;
    drop();
    dragged.value = place;
    start_px = event.clientY;
    held = new AbortController();
    const { signal } = held;
    window.addEventListener('pointermove', follow, { signal });
    window.addEventListener('pointerup', drop, { signal });
    window.addEventListener('pointercancel', drop, { signal });
  }

  function follow(event: PointerEvent): void {
    const place = dragged.value;
    if (place === null) return;
    shift_px.value = event.clientY - start_px;
    const way = Math.sign(shift_px.value);
    const step_px = stepTo(place, place + way);
    if (step_px === null || Math.abs(shift_px.value) < step_px / 2) return;
    move(place, place + way);
    dragged.value = place + way;
    start_px += way * step_px;
    shift_px.value = event.clientY - start_px;
  }

  /** How far a row goes when it changes places with its neighbour; `null` beyond the list's ends. */
  function stepTo(place: number, to: number): number | null {
    const rows = list.value?.children;
    const [own, other] = [rows?.[place], rows?.[to]];
    if (!(own instanceof HTMLElement) || !(other instanceof HTMLElement) || own === other)
      return null;
    const upper = to > place ? own : other;
    const gap_px = Math.abs(own.offsetTop - other.offsetTop) - upper.offsetHeight;
    return other.offsetHeight + gap_px;
  }

  function drop(): void {
    held?.abort();
    held = null;
    dragged.value = null;
    shift_px.value = 0;
  }

  onScopeDispose(drop);
  return { dragged, shift_px, grab };
}
