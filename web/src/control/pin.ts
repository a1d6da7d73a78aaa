const LEFT_TO_RIGHT = '\u2066';
const END = '\u2069';

/** A PIN grouped in two halves, in left-to-right order even in right-to-left text. */
export function groupedPin(pin: string): string {
  const half = Math.ceil(pin.length / 2);
  return `${LEFT_TO_RIGHT}${pin.slice(0, half)}\u2009${pin.slice(half)}${END}`;
}
