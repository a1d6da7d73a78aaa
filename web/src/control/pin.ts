const LEFT_TO_RIGHT = '\u2066';
const END = '\u2069';

/** A PIN in two halves, as people read it out: the first one first in texts of any direction. */
export function groupedPin(pin: string): string {
  const half = Math.ceil(pin.length / 2);
  return `${LEFT_TO_RIGHT}${pin.slice(0, half)}\u2009${pin.slice(half)}${END}`;
}
