/** Parsing of PINs as people type, paste and read them. */

const PIN = /^[0-9]{6,8}$/;
const MOST_CHARS = 300;
/** A join link, with or without scheme, anywhere in the text. */
const LINK = /\/join\/([0-9]{6,8})(?![0-9])/;

/**
 * Extract the PIN from typed or pasted text. Ignores spaces, dashes, invisible characters and
 * leading words ("PIN: 886 860"), and accepts a whole join link.
 */
export function cleanPin(typed: string): string {
  const text = typed
    .slice(0, MOST_CHARS)
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '');
  const linked = LINK.exec(text)?.[1];
  if (linked) return linked;
  const plain = text.replace(/[\s\p{Pd}]/gu, '');
  return /^\p{L}{0,12}[:.#]?([0-9]+)[.]?$/u.exec(plain)?.[1] ?? plain;
}

export function isPin(text: string): boolean {
  return PIN.test(text);
}
