/** Photographs pages, in light and in dark, for `screenshots/out/<area>/`. */
import { fileURLToPath } from 'node:url';

import type { Page } from '@playwright/test';

export const SIZES = {
  small: { width: 320, height: 568 },
  phone: { width: 390, height: 844 },
  lying: { width: 844, height: 390 },
  laptop: { width: 1366, height: 768 },
  desktop: { width: 1440, height: 900 },
  wall: { width: 1920, height: 1080 },
  projector: { width: 1280, height: 720 },
} as const;
export type Size = keyof typeof SIZES;

export type Look = 'light' | 'dark';

/**
 * What `SIZES=small,wall LOOKS=dark make screenshots` asks for, of all screens; else each is taken
 * in the sizes that its scenario names.
 */
const asked = (variable: string): string[] | undefined => process.env[variable]?.split(',');
const LOOKS = (['light', 'dark'] as const).filter((look) => asked('LOOKS')?.includes(look) ?? true);
/** The page that shows a size of which the scenario does not say more. */
const INSTEAD: Partial<Record<Size, Size[]>> = {
  small: ['phone', 'desktop'],
  phone: ['desktop'],
  lying: ['phone', 'desktop'],
  laptop: ['desktop', 'wall', 'phone'],
  wall: ['desktop'],
};

/** Where a picture lies. */
export function pictureOf(area: string, name: string, size: Size, look: Look): string {
  return fileURLToPath(new URL(`out/${area}/${name}.${size}.${look}.png`, import.meta.url));
}

export class Camera {
  constructor(private readonly area: string) {}

  /** Of a screen, the page that shows it in each size; two sizes may be of one page. */
  async take(name: string, pages: Partial<Record<Size, Page>>, whole = false): Promise<void> {
    for (const size of (asked('SIZES') ?? Object.keys(pages)) as Size[]) {
      const [page] = [size, ...(INSTEAD[size] ?? [])].flatMap((one) => pages[one] ?? []);
      if (!page) continue;
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
