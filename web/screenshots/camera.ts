/** Photographs pages, in light and in dark, for `screenshots/out/<area>/`. */
import { fileURLToPath } from 'node:url';

import type { Page } from '@playwright/test';

export const SIZES = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1440, height: 900 },
  wall: { width: 1920, height: 1080 },
  projector: { width: 1280, height: 720 },
} as const;
export type Size = keyof typeof SIZES;

const LOOKS = ['light', 'dark'] as const;
export type Look = (typeof LOOKS)[number];

/** Where a picture lies. */
export function pictureOf(area: string, name: string, size: Size, look: Look): string {
  return fileURLToPath(new URL(`out/${area}/${name}.${size}.${look}.png`, import.meta.url));
}

export class Camera {
  constructor(private readonly area: string) {}

  /** Of a screen, the page that shows it in each size; two sizes may be of one page. */
  async take(name: string, pages: Partial<Record<Size, Page>>, whole = false): Promise<void> {
    for (const [size, page] of Object.entries(pages) as [Size, Page][]) {
      await page.setViewportSize(SIZES[size]);
      for (const colorScheme of LOOKS) {
        await page.emulateMedia({ colorScheme });
        await settled(page);
        await page.screenshot({
          path: pictureOf(this.area, name, size, colorScheme),
          animations: 'disabled',
          fullPage: whole,
        });
      }
    }
  }
}

/** Pictures are there, and what measures itself has done so. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  });
}
