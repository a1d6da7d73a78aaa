/** The text of a mail, cut where its links are. */

export interface Piece {
  text: string;
  /** Where it leads; only ever to this site. */
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
