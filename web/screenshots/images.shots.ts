/** Composes the images of README and docs from screenshots: small, on a transparent background. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { test, type Page } from '@playwright/test';

import { pictureOf, SIZES, type Look, type Size } from './camera.ts';

type Picture = [area: string, name: string, size: Size, look: Look];

/** Side by side, all of the same height in pixels. */
const IMAGES: Record<string, { height: number; of: Picture[] }> = {
  quiz: {
    height: 560,
    of: [
      ['screen', 'question-single', 'wall', 'light'],
      ['screen', 'phone-beside-it', 'phone', 'light'],
    ],
  },
  'player-light': {
    height: 640,
    of: [
      ['player', 'pin', 'phone', 'light'],
      ['player', 'lobby', 'phone', 'light'],
      ['player', 'question-multiple', 'phone', 'light'],
      ['player', 'result-single', 'phone', 'light'],
    ],
  },
  'player-dark': {
    height: 640,
    of: [
      ['player', 'question-order', 'phone', 'dark'],
      ['player', 'reconnecting', 'phone', 'dark'],
      ['player', 'result-number', 'phone', 'dark'],
      ['player', 'podium', 'phone', 'dark'],
    ],
  },
  'screen-lobby': { height: 620, of: [['screen', 'lobby', 'wall', 'light']] },
  'screen-answer': { height: 620, of: [['screen', 'answer-single', 'wall', 'dark']] },
  'screen-standings': { height: 620, of: [['screen', 'standings', 'wall', 'light']] },
  'screen-podium': { height: 620, of: [['screen', 'podium', 'wall', 'dark']] },
  'host-library': { height: 680, of: [['host', 'library', 'desktop', 'light']] },
  'host-editor': { height: 680, of: [['host', 'editor-single', 'desktop', 'light']] },
  'host-console': {
    height: 680,
    of: [
      ['host', 'console-single', 'desktop', 'light'],
      ['host', 'console-single-reveal', 'phone', 'dark'],
    ],
  },
  'host-report': { height: 680, of: [['host', 'report', 'desktop', 'light']] },
};

const MOST_BYTES = 60_000;
const QUALITIES = [90, 80, 70, 60, 50];
const GAP_PX = 20;

const KEPT = new URL('out/images/', import.meta.url);
const DOCS = new URL('../../docs/images/', import.meta.url);

for (const [name, { height, of }] of Object.entries(IMAGES))
  test(name, async ({ page }) => {
    await page.setContent(await row(of, height));
    await page.waitForFunction(() => [...document.images].every((image) => image.complete));
    const image = await smallEnough(page);
    for (const directory of process.env.RENEW ? [KEPT, DOCS] : [KEPT]) {
      await mkdir(directory, { recursive: true });
      await writeFile(fileURLToPath(new URL(`${name}.webp`, directory)), image);
    }
  });

/** A page of images, each cropped to its viewport. */
async function row(pictures: Picture[], height: number): Promise<string> {
  const images = await Promise.all(
    pictures.map(async (picture) => {
      const { width: across, height: down } = SIZES[picture[2]];
      const bytes = await readFile(pictureOf(...picture));
      const width = Math.round((across / down) * height);
      return `<img width="${width}" height="${height}"
        src="data:image/png;base64,${bytes.toString('base64')}">`;
    }),
  );
  return `<style>
    body { margin: 0; display: inline-flex; gap: ${GAP_PX}px }
    img { box-sizing: border-box; object-fit: cover; object-position: top;
      border: 1px solid #8888; border-radius: 14px }
  </style>${images.join('')}`;
}

async function smallEnough(page: Page): Promise<Buffer> {
  const { width, height } = (await page.locator('body').boundingBox()) ?? { width: 0, height: 0 };
  const browser = await page.context().newCDPSession(page);
  await browser.send('Emulation.setDefaultBackgroundColorOverride', {
    color: { r: 0, g: 0, b: 0, a: 0 },
  });
  await page.setViewportSize({ width: Math.ceil(width), height: Math.ceil(height) });
  for (const quality of QUALITIES) {
    const { data } = await browser.send('Page.captureScreenshot', { format: 'webp', quality });
    const image = Buffer.from(data, 'base64');
    if (image.length <= MOST_BYTES) return image;
  }
  throw new Error(`At no quality is it as small as ${MOST_BYTES} bytes.`);
}
