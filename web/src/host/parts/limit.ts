/** Texts as the server accepts them: well-formed, without control characters, of limited length. */

const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Lone surrogates. */
const HALVES = /\p{Cs}/gu;

/** Length in code points, as the server counts. */
export function lengthOf(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

export interface Limited {
  text: string;
  /** Whether the text was truncated. */
  cut: boolean;
}

/** `typed` without invalid characters, truncated to `limit` code points. */
export function limited(typed: string, limit: number): Limited {
  // a code point has at most two units, so the rest cannot fit
  const looked = typed.slice(0, 2 * limit + 1000);
  const clean = looked.replace(CONTROLS, '').replace(HALVES, '');
  if (clean.length <= limit) return { text: clean, cut: looked.length < typed.length };
  const characters = Array.from(clean);
  if (characters.length <= limit) return { text: clean, cut: false };
  return { text: characters.slice(0, limit).join(''), cut: true };
}
