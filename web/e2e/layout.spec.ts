/** No question scrolls on any phone: every type, short and long, measured at every size. */
import { join } from 'node:path';

import vue from '@vitejs/plugin-vue';
import { expect, test, type Page } from '@playwright/test';
import { build } from 'vite';

import { messages } from '../build/messages.ts';
import type { Seen } from './layout/faults.ts';
import { BEYOND, FITTING, type Asked } from './layout/questions.ts';

const SIZES = [
  [320, 568],
  [360, 640],
  [390, 844],
  [568, 320],
  [844, 390],
] as const;
const ORIGIN = 'http://layout.test';
const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600"><rect width="800" height="600" fill="teal"/></svg>';

/** Every third question with options, and all without. */
const SOME = FITTING.filter(({ options }, at) => !options || at % 3 === 0);

let files: string;

test.beforeAll(async ({}, { outputDir, workerIndex }) => {
  const root = import.meta.dirname;
  files = join(outputDir, '..', `layout-${workerIndex}`); // each worker builds its own copy
  await build({
    configFile: false,
    logLevel: 'error',
    root: join(root, 'layout'),
    plugins: [messages(), vue()],
    resolve: { alias: { '@': join(root, '..', 'src') } },
    build: { outDir: files, emptyOutDir: true, target: 'es2022' },
  });
});

async function open(page: Page): Promise<void> {
  await page.route(`${ORIGIN}/**`, (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/picture.svg')
      return route.fulfill({ body: PICTURE, contentType: 'image/svg+xml' });
    return route.fulfill({ path: join(files, pathname === '/' ? 'index.html' : pathname) });
  });
  await page.goto(ORIGIN);
  await page.waitForFunction(() => 'layout' in window);
}

function seen(page: Page, questions: Asked[]): Promise<Seen[]> {
  return page.evaluate(async (asked) => {
    const found: Seen[] = [];
    for (const one of asked) found.push(await window.layout.seen(one));
    return found;
  }, questions);
}

/** What is wrong, by question; `fits` are those ways to fit that are expected. */
function wrong(questions: Asked[], found: Seen[], fits: string[]): string[] {
  return questions.flatMap((asked, at) => {
    const { fit = '', faults = ['not shown'] } = found[at] ?? {};
    const all = fits.includes(fit) ? faults : [`it is ${fit}`, ...faults];
    const { type, options = [], text, picture, sound, language = '' } = asked;
    const name = `${type} ${text.length} ${options.length}×${options[0]?.length ?? 0} ${picture ? 'picture ' : ''}${sound ? 'sound ' : ''}${language}`;
    return all.length ? [`${name}: ${all.slice(0, 4).join('; ')}`] : [];
  });
}

for (const [width, height] of SIZES)
  test(`every question fits on ${width} × ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await open(page);
    const fitting = await seen(page, FITTING);
    expect.soft(wrong(FITTING, fitting, ['whole', 'clamped'])).toEqual([]);
    const beyond = await seen(page, BEYOND);
    expect.soft(wrong(BEYOND, beyond, ['clamped', 'scroll'])).toEqual([]);
  });

test('at 200% text size everything can be reached, and the page does not shift', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page);
  await page.addStyleTag({ content: 'html { font-size: 200%; }' });
  const faults = await page.evaluate(async (asked) => {
    const found: string[] = [];
    for (const one of asked)
      for (const fault of await window.layout.unreachable(one))
        found.push(`${one.type} ${one.text.length} ${one.options?.length ?? 0}: ${fault}`);
    return found;
  }, SOME);
  expect(faults).toEqual([]);
});

test('a truncated question opens with a tap, and so does its picture', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 568 });
  await open(page);
  const [asked] = BEYOND;
  if (!asked) throw new Error('There is no question.');
  await page.evaluate((one) => window.layout.show(one), asked);
  const dialog = page.getByRole('dialog', { name: 'The question' });
  for (const name of ['Show in full', /^Enlarge the picture/]) {
    await page.getByRole('button', { name }).click();
    await expect(dialog).toContainText(asked.text);
    await expect(dialog.getByRole('img', { name: 'A mark' })).toBeVisible();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect(dialog).toBeHidden();
  }
});
