import { encode } from 'uqr';

export interface QrPath {
  /** Modules per side, including the quiet zone. */
  size: number;
  /** The dark modules as SVG path data. */
  path: string;
}

const MARGIN = 2;

/** A QR code as a single path; horizontal runs of dark modules are merged. */
export function qrPath(text: string): QrPath {
  const { data, size } = encode(text, { ecc: 'M', border: MARGIN });
  const bars = data.flatMap((row, y) =>
    [...runs(row)].map(([x, width]) => `M${x} ${y}h${width}v1h-${width}z`),
  );
  return { size, path: bars.join('') };
}

function* runs(row: readonly boolean[]): Generator<[start: number, length: number]> {
  for (let x = 0; x < row.length; x++) {
    const start = x;
    while (row[x]) x++;
    if (x > start) yield [start, x - start];
  }
}
