/**
 * Quiz texts are plain except for code in backticks and formulas in dollar signs. This small module
 * detects and strips the markup; the renderer is loaded only when needed.
 */
const MARKED = /`[^`]+`|\$[^]+\$|\\[$`]/;

/** Whether a text may contain code or formulas; `typeset/rich.ts` parses it. */
export function isMarked(text: string): boolean {
  return MARKED.test(text);
}

/** The text without markup, for speech and compact views. */
export function plainText(text: string): string {
  if (!isMarked(text)) return text;
  return text
    .replace(/^[ \t]*```.*\n?/gm, '')
    .replace(/`([^`\n]+)`/g, '$1')
    .replace(/(^|[^\w\\$])(\${1,2})(?![\s$])([^$]*[^\s$\\])\2(?![\w$])/g, '$1$3')
    .replace(/\\([$`])/g, '$1')
    .trim();
}

/** The question as text, or the description of its picture if it has no text. */
export function askedText(question: { text: string; media?: { alt?: string } | null }): string {
  return plainText(question.text) || (question.media?.alt ?? '');
}
