/** A PIN in two halves, as people read it out. */
export function groupedPin(pin: string): string {
  const half = Math.ceil(pin.length / 2);
  return `${pin.slice(0, half)}\u2009${pin.slice(half)}`;
}
