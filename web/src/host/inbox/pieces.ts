/** Splits the text of a mail at its links. */

export interface Piece {
  text: string;
  /** The link's target, always on this site. */
  href?: string;
}

const ADDRESS = /(https?:\/\/[^\s<>"]+)/;

export function piecesOf(text: string, origin = location.origin): Piece[] {
  return text
    .split(ADDRESS)
    .filter(Boolean)
    .map((piece) => (isOurs(piece, origin) ? { text: piece, href: piece } : { text: piece }));
}

function isOurs(piece: string, origin: string): boolean {
  return ADDRESS.test(piece) && URL.canParse(piece) && new URL(piece).origin === origin;
}
