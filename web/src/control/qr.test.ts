import { encode } from 'uqr';
import { describe, expect, it } from 'vitest';

import { qrPath } from './qr';

const text = 'https://quiz.example/join/482913';

/** Rasterise a path into modules. */
function drawn(path: string, size: number): boolean[][] {
  const modules = Array.from({ length: size }, () => Array<boolean>(size).fill(false));
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    modules[Number(y)]?.fill(true, Number(x), Number(x) + Number(width));
  return modules;
}

describe('the QR code', () => {
  it('draws exactly the dark modules, in a quiet margin', () => {
    const { size, path } = qrPath(text);
    expect(drawn(path, size)).toEqual(encode(text, { ecc: 'M', border: 2 }).data);
    expect(drawn(path, size)[0]).not.toContain(true);
    expect(drawn(path, size)[1]).not.toContain(true);
  });
});
