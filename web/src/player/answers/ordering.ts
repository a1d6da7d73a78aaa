/** Reordering of a vertical list by pointer. */
import { onScopeDispose, ref, type Ref } from 'vue';

/** `list` with the item at `from` moved to `to`. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

/** Pointer movement below this is a click, not a drag. */
const STILL_PX = 6;

/**
 * Drags rows of `list`: with a mouse from anywhere, with a finger by the grip. While dragging,
 * `dragged` is the row's place and `shift_px` its offset from there; `move` is called when the row
 * passes the middle of a neighbour.
 */
export function usePointerOrder(
  list: Readonly<Ref<HTMLElement | null>>,
  move: (from: number, to: number) => void,
) {
  const dragged = ref<number | null>(null);
  const shift_px = ref(0);
  let start_px = 0;
  let pressed_px = 0;
  let far = false;
  let held: AbortController | null = null;

  function grab(event: PointerEvent, place: number): void {
    drop();
    far = false;
    if (event.button !== 0 || !event.isPrimary) return;
    const grip = event.target instanceof Element && event.target.closest('.grip');
    if (event.pointerType === 'touch' && !grip) return;
    dragged.value = place;
    start_px = pressed_px = event.clientY;
    held = new AbortController();
    const { signal } = held;
    window.addEventListener('pointermove', follow, { signal });
    window.addEventListener('pointerup', release, { signal });
    window.addEventListener('pointercancel', drop, { signal });
  }

  function follow(event: PointerEvent): void {
    const place = dragged.value;
    if (place === null) return;
    far ||= Math.abs(event.clientY - pressed_px) > STILL_PX;
    if (!far) return;
    shift_px.value = event.clientY - start_px;
    const way = Math.sign(shift_px.value);
    const step_px = stepTo(place, place + way);
    if (step_px === null || Math.abs(shift_px.value) < step_px / 2) return;
    move(place, place + way);
    dragged.value = place + way;
    start_px += way * step_px;
    shift_px.value = event.clientY - start_px;
  }

  /** How far a row moves when it swaps places with its neighbour; `null` beyond the list's ends. */
  function stepTo(place: number, to: number): number | null {
    const rows = list.value?.children;
    const [own, other] = [rows?.[place], rows?.[to]];
    if (!(own instanceof HTMLElement) || !(other instanceof HTMLElement) || own === other)
      return null;
    if (own.offsetTop === other.offsetTop) return null; // in another column
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

  /** The click of this press follows immediately. */
  function release(): void {
    drop();
    setTimeout(() => (far = false));
  }

  onScopeDispose(drop);
  /** Whether the press that has just ended was a drag, so its click must be ignored. */
  const wasDragged = (): boolean => far;
  return { dragged, shift_px, grab, wasDragged };
}
