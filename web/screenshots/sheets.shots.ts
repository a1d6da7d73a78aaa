/** Contact sheets: an area's screenshots in one size and look, labelled with their names. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { test } from '@playwright/test';

import { SIZES, type Size } from './camera.ts';

const OUT = new URL('out/', import.meta.url);
const SHEETS = new URL('sheets/', OUT);
const WIDTH = 1600;
/** Columns and rows of a sheet. */
const GRIDS: Record<Size, [across: number, down: number]> = {
  small: [6, 2],
  phone: [6, 2],
  lying: [3, 4],
  laptop: [3, 3],
  desktop: [3, 3],
  wall: [2, 2],
  projector: [3, 3],
};

test('contact sheets', async ({ page }) => {
  await rm(SHEETS, { recursive: true, force: true });
  await mkdir(SHEETS, { recursive: true });
  for (const [sheet, files] of await sorted()) {
    const size = sheet.split('.')[1] as Size;
    const [across, down] = GRIDS[size];
    for (let first = 0; first < files.length; first += across * down) {
      await page.setViewportSize({ width: WIDTH, height: 100 });
      await page.setContent(await layOut(files.slice(first, first + across * down), size));
      const path = new URL(`${sheet}.${1 + first / (across * down)}.png`, SHEETS);
      await page.screenshot({ path: fileURLToPath(path), fullPage: true });
    }
  }
});

/** The files of each sheet, by `area.size.look`. */
async function sorted(): Promise<Map<string, string[]>> {
  const sheets = new Map<string, string[]>();
  for (const path of (await readdir(OUT, { recursive: true })).sort()) {
    const [, area, size, look] = /^(\w[\w-]*)\/[\w-]+\.(\w+)\.(\w+)\.png$/.exec(path) ?? [];
    if (!area || !size || !look || !(size in SIZES)) continue;
    const sheet = `${area}.${size}.${look}`;
    sheets.set(sheet, [...(sheets.get(sheet) ?? []), path]);
  }
  return sheets;
}

/** Screenshots longer than the viewport are cropped. */
async function layOut(files: string[], size: Size): Promise<string> {
  const { width, height } = SIZES[size];
  const figures = await Promise.all(
    files.map(async (file) => {
      const data = (await readFile(new URL(file, OUT))).toString('base64');
      return `<figure><img src="data:image/png;base64,${data}"><figcaption>${file}</figcaption></figure>`;
    }),
  );
  return `<style>
    body { margin: 8px; display: grid; gap: 8px; background: #888; font: 13px sans-serif;
      grid-template-columns: repeat(${GRIDS[size][0]}, 1fr) }
    figure { margin: 0 }
    img { width: 100%; aspect-ratio: ${width} / ${height}; object-fit: cover; object-position: top }
  </style>${figures.join('')}`;
}
