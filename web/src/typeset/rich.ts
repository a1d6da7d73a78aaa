/**
 * Parses a quiz text into pieces. The only markup is:
 *
 * - code blocks between two lines of three backticks (a language after the first is ignored),
 * - inline `code`,
 * - TeX formulas: $…$ inline, $$…$$ on their own line.
 *
 * `\$` and `` \` `` are literal characters. Unclosed markup and prices are plain text.
 */
export interface Piece {
  kind: 'text' | 'code' | 'formula';
  text: string;
  /** On lines of its own. */
  block: boolean;
}

/** Maximum number of pieces; the rest stays plain. */
const MOST_PIECES = 100;

const FENCE = /^[ \t]*```[ \t]*[\w+#.-]*[ \t]*\n([^]*?)\n?^[ \t]*```[ \t]*$\n?/m;

export function piecesOf(source: string): Piece[] {
  const pieces: Piece[] = [];
  let rest = source.replace(/\r\n?/g, '\n');
  for (let fence = FENCE.exec(rest); fence; fence = FENCE.exec(rest)) {
    if (pieces.length >= MOST_PIECES) break;
    const before = rest.slice(0, fence.index);
    pieces.push(...inline(before.replace(/\n$/, '')));
    pieces.push({ kind: 'code', text: fence[1] ?? '', block: true });
    rest = rest.slice(fence.index + fence[0].length);
  }
  pieces.push(...inline(rest));
  return pieces;
}

/**
 * A formula has no space inside its delimiters and no letters or digits around them: "$5 or 6$" and
 * "US$5–US$10" are prices. Code and escaped characters take precedence.
 */
const INLINE =
  /\\[$`]|`[^`\n]+`|\$\$[^$]+\$\$|(?<![\p{L}\p{N}$])\$(?![\s$])(?:\\.|[^\\$\n])*(?<!\s)\$(?![\p{L}\p{N}$])/gu;

function inline(source: string): Piece[] {
  const pieces: Piece[] = [];
  let plain = '';
  let from = 0;
  for (const match of source.matchAll(INLINE)) {
    const [marked] = match;
    plain += source.slice(from, match.index);
    from = match.index + marked.length;
    const piece = pieces.length < MOST_PIECES ? pieceOf(marked) : null;
    if (!piece) {
      plain += marked.startsWith('\\') ? marked.slice(1) : marked;
      continue;
    }
    if (plain) pieces.push({ kind: 'text', text: plain, block: false });
    plain = '';
    pieces.push(piece);
  }
  plain += source.slice(from);
  if (plain) pieces.push({ kind: 'text', text: plain, block: false });
  return pieces;
}

function pieceOf(marked: string): Piece | null {
  if (marked.startsWith('`')) return { kind: 'code', text: marked.slice(1, -1), block: false };
  if (marked.startsWith('\\')) return null;
  const block = marked.startsWith('$$');
  const text = marked.slice(block ? 2 : 1, block ? -2 : -1).trim();
  if (!text || (!block && isProse(text))) return null;
  return { kind: 'formula', text, block };
}

/** Prose between two amounts, as in "$5 for two, or 9$". TeX writes words as commands. */
function isProse(text: string): boolean {
  return !text.includes('\\') && /(?:^|\s)\p{L}{3,}[\s,.]/u.test(text);
}
