/** Texts as the server takes them: well-formed, without control characters, no longer than so much. */

const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Halves of characters whose other half is missing. */
const HALVES = /\p{Cs}/gu;

/** Characters as the server counts them: an emoji is one or several, but never a half. */
export function lengthOf(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

export interface Limited {
  text: string;
  /** Whether something did not fit. */
  cut: boolean;
}

/** `typed` without what cannot be stored, and no longer than `limit` characters. */
export function limited(typed: string, limit: number): Limited {
  // two units make a character at most, so what is beyond need not be looked at
  const looked = typed.slice(0, 2 * limit + 1000);
  const clean = looked.replace(CONTROLS, '').replace(HALVES, '');
  if (clean.length <= limit) return { text: clean, cut: looked.length < typed.length };
  const characters = Array.from(clean);
  if (characters.length <= limit) return { text: clean, cut: false };
  return { text: characters.slice(0, limit).join(''), cut: true };
}
