/** Numbers as people type them: with a decimal comma or point, spaces and signs. */

const MOST = 1e15;

/** The number in `typed`; `null` when it is none that can be an answer. */
export function parseNumber(typed: string): number | null {
  const plain = typed
    .slice(0, 60)
    .normalize('NFKC')
    .replace(/[\s'’_]/g, '')
    .replace(/[−–]/g, '-');
  if (!/^[+-]?(\d+([.,]\d*)?|[.,]\d+)$/.test(plain)) return null;
  const value = Number(plain.replace(',', '.'));
  return Number.isFinite(value) && Math.abs(value) <= MOST ? value : null;
}
