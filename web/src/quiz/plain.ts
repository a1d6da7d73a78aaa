/**
 * Texts of a quiz are plain, but for code between backticks and formulas between dollars. What
 * tells and strips them is small; what shows them is loaded only where there are any.
 */
const MARKED = /`[^`]+`|\$[^]+\$|\\[$`]/;

/** Whether a text may have code or formulas; `typeset/rich.ts` says whether it does. */
export function isMarked(text: string): boolean {
  return MARKED.test(text);
}

/** The text to be spoken, or for where there is no room for more: without the marks. */
export function plainText(text: string): string {
  if (!isMarked(text)) return text;
  return text
    .replace(/^[ \t]*```.*\n?/gm, '')
    .replace(/`([^`\n]+)`/g, '$1')
    .replace(/(^|[^\w\\$])(\${1,2})(?![\s$])([^$]*[^\s$\\])\2(?![\w$])/g, '$1$3')
    .replace(/\\([$`])/g, '$1')
    .trim();
}

/** What a question asks, in words: where a picture asks alone, what it shows. */
export function askedText(question: { text: string; media?: { alt?: string } | null }): string {
  return plainText(question.text) || (question.media?.alt ?? '');
}
