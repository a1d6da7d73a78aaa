/** What somebody is about to tap stays where it is while the rest of the page arrives. */
import type { Locator, Page } from '@playwright/test';

import { ocean, quizOf } from './harness/quizzes.ts';
import { expect, PHONE, test } from './harness/test.ts';

const TITLE = 'A long title that does not fit beside the PIN on any phone, whatever its size';

/** Holds requests for matching URLs; the returned function lets them pass. */
async function held(page: Page, url: RegExp): Promise<() => void> {
  let pass = (): void => undefined;
  const passing = new Promise<void>((resolve) => (pass = resolve));
  await page.route(url, async (route) => {
    await passing;
    await route.continue();
  });
  return pass;
}

async function place(element: Locator): Promise<{ top: number; bottom: number }> {
  return element.evaluate((found) => {
    const { top, bottom } = found.getBoundingClientRect();
    return { top: Math.round(top), bottom: Math.round(bottom) };
  });
}

for (const [device, options] of [
  ['a phone', PHONE],
  ['a computer', { viewport: { width: 1280, height: 720 } }],
] as const)
  test(`the form for a nickname does not move while it loads, on ${device}`, async ({
    visitors,
    hosting,
    stack,
  }) => {
    const run = await hosting.host.open({ ...quizOf(ocean), title: TITLE });
    const { page } = await visitors.player(options);
    const loads = await held(page, /\/assets\/main-.*\.js$/);
    const looksUp = await held(page, /\/api\/v1\/join\//);
    const name = page.getByLabel('Nickname');
    const join = page.getByRole('button', { name: 'Join', exact: true });

    await page.goto(`${stack.url()}/join/${run.pin}`, { waitUntil: 'commit' });
    await expect(join).toBeVisible();
    const before = { name: await place(name), join: await place(join) };
    loads();
    await expect(page.getByRole('link', { name: 'Another PIN' })).toBeVisible();
    expect({ name: await place(name), join: await place(join) }).toEqual(before);
    looksUp();
    await expect(page.getByRole('button', { name: 'Suggest a nickname' })).toBeVisible();
    expect({ name: await place(name), join: await place(join) }).toEqual(before);
  });
