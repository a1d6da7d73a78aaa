/** Takes screenshots in light and dark to `screenshots/out/<area>/`. */
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
 * From `SIZES=small,wall LOOKS=dark make screenshots`, applied to all screens; otherwise each is
 * taken in the sizes given by its scenario.
 */
const asked = (variable: string): string[] | undefined => process.env[variable]?.split(',');
const LOOKS = (['light', 'dark'] as const).filter((look) => asked('LOOKS')?.includes(look) ?? true);
/** Fallback pages for sizes not given by the scenario. */
const INSTEAD: Partial<Record<Size, Size[]>> = {
  small: ['phone', 'desktop'],
  phone: ['desktop'],
  lying: ['phone', 'desktop'],
  laptop: ['desktop', 'wall', 'phone'],
  wall: ['desktop'],
};

/** The path of a screenshot. */
export function pictureOf(area: string, name: string, size: Size, look: Look): string {
  return fileURLToPath(new URL(`out/${area}/${name}.${size}.${look}.png`, import.meta.url));
}

export class Camera {
  constructor(private readonly area: string) {}

  /** Take a screen in each size from the page given for it; two sizes may share a page. */
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

/** Wait until pictures are loaded and layout is fitted. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  });
}
