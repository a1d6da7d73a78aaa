/** PINs as people type, paste and read them. */

const PIN = /^[0-9]{6,8}$/;
const MOST_CHARS = 300;
/** A join link, whole or without its scheme; what stands around it does not matter. */
const LINK = /\/join\/([0-9]{6,8})(?![0-9])/;

/**
 * The PIN in what was typed or pasted: spaces, dashes, invisible marks around copied text, words
 * before it ("PIN: 886 860") and a whole join link are nothing to be refused for.
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
