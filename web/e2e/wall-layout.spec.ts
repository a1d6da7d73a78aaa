/** Layout of the big screen, measured at projector resolutions. */
import { readFileSync } from 'node:fs';

import type { Locator, Page } from '@playwright/test';

import { ocean, type Question } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { expect, PHONE, test, type Hosting } from './harness/test.ts';

const SIZES = [
  [1366, 768],
  [1920, 1080],
  [1024, 768],
] as const;
const ROUNDING_PX = 1.5;
const LONG = 'Donaudampfschifffahrtsgesellschaft';
const PICTURE = readFileSync(new URL('../../docs/images/host-report.webp', import.meta.url));

const exercise: Question = {
  type: 'single',
  text: 'Was hilft gegen Rückenschmerzen am allerbesten?',
  options: ['Schwimmen', 'Bergwandern', 'Krafttraining im Fitnessstudio', LONG],
  correct: [0],
  time_limit_s: 60,
};

test('words are not broken, and bars of equal counts have equal length', async ({
  visitors,
  hosting,
  stack,
}) => {
  const { run, screen } = await show(hosting, stack.url(), exercise);
  const players = await Promise.all(
    ['Ada', 'Bob'].map(async (name) => (await visitors.player(PHONE)).join(run.pin, name)),
  );
  await run.command('start');
  await screen.sees(exercise.text);
  for (const size of SIZES) await wordsAreWhole(screen.page, size);
  for (const [at, player] of players.entries()) await player.pick(exercise.options?.[at] ?? '');
  await expect(screen.page.getByRole('img', { name: 'right', exact: true })).toBeVisible();
  for (const size of SIZES) {
    await wordsAreWhole(screen.page, size);
    const tracks = await widths(screen.page.locator('.track'));
    expect(Math.max(...tracks) - Math.min(...tracks)).toBeLessThan(ROUNDING_PX);
    const [right = 0, wrong = 1, ...none] = await widths(screen.page.locator('.share'));
    expect(Math.abs(right - wrong), `${right} and ${wrong} at ${size[0]}`).toBeLessThan(
      ROUNDING_PX,
    );
    expect(none).toEqual([0, 0]);
  }
  // at some of these widths a word lacks a fraction of a pixel
  for (let width = 1_280; width <= 1_400; width += 5)
    await wordsAreWhole(screen.page, [width, 768]);
});

for (const [name, alone] of [
  ['pictures alone', true],
  ['pictures with words, beside a picture of the question', false],
] as const)
  test(`${name}: all are seen, none lies under another part`, async ({ hosting, stack }) => {
    const uploaded = await hosting.context.request.post(`${stack.url()}/api/v1/media`, {
      data: PICTURE,
    });
    const { url } = (await uploaded.json()) as { url: string };
    const options = alone ? ['', '', '', ''] : ['A tower', 'A sunset', 'Sea', 'Nothing at all'];
    const question = {
      ...ocean,
      options,
      option_media: options.map((_, at) => ({ url, alt: `Picture ${at + 1}` })),
      ...(alone ? {} : { media: { url, alt: 'What it is about' } }),
    };
    const { run, screen } = await show(hosting, stack.url(), question);
    await run.command('start');
    await screen.sees(ocean.text);
    for (const size of SIZES) {
      await settle(screen.page, size);
      const parts = ['.meter', 'h1', '.option', '.head .picture'];
      const boxes = (await Promise.all(parts.map((part) => boxesOf(screen.page, part)))).flat();
      expect(boxes.length).toBe(alone ? 6 : 7);
      for (const [at, box] of boxes.entries()) {
        expect(inside(box, { x: 0, y: 0, width: size[0], height: size[1] })).toBe(true);
        for (const other of boxes.slice(at + 1)) expect(overlap(box, other)).toBe(false);
      }
      const cards = await boxesOf(screen.page, '.option');
      const pictures = await boxesOf(screen.page, '.option img');
      for (const [at, picture] of pictures.entries()) {
        const card = cards[at];
        expect(card && inside(picture, card), `picture ${at + 1} at ${size[0]}`).toBe(true);
        expect(picture.height).toBeGreaterThan(0.13 * size[1]);
        if (!alone || !card) continue;
        const off = picture.x + picture.width / 2 - (card.x + card.width / 2);
        expect(Math.abs(off), `picture ${at + 1} is ${off} px off`).toBeLessThan(0.1 * card.width);
      }
    }
  });

async function show(hosting: Hosting, url: string, question: Question) {
  const quiz = { title: 'Auf der Leinwand', language: 'de', questions: [question] };
  const run = await hosting.host.open(quiz, { auto_advance: false });
  return { run, screen: await Screen.open(hosting.context, url, run.id) };
}

async function settle(page: Page, [width, height]: readonly [number, number]): Promise<void> {
  await page.setViewportSize({ width, height });
  // ResizeObserver callbacks run a frame later
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
}

/** No line breaks within a word. */
async function wordsAreWhole(page: Page, size: readonly [number, number]): Promise<void> {
  await settle(page, size);
  const broken = await page.evaluate(() => {
    const found: string[] = [];
    for (const text of document.querySelectorAll('[data-testid=options] [lang]')) {
      const node = text.firstChild;
      if (!(node instanceof Text)) continue;
      for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        if (range.getClientRects().length > 1) found.push(word);
      }
    }
    return found;
  });
  expect(broken, `at ${size[0]}`).toEqual([]);
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

async function boxesOf(page: Page, selector: string): Promise<Box[]> {
  const found = await page.getByTestId('question').locator(selector).all();
  const boxes = await Promise.all(found.map((one) => one.boundingBox()));
  return boxes.filter((box) => box !== null);
}

async function widths(locator: Locator): Promise<number[]> {
  return locator.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width));
}

function inside(inner: Box, outer: Box): boolean {
  return (
    inner.x >= outer.x - ROUNDING_PX &&
    inner.y >= outer.y - ROUNDING_PX &&
    inner.x + inner.width <= outer.x + outer.width + ROUNDING_PX &&
    inner.y + inner.height <= outer.y + outer.height + ROUNDING_PX
  );
}

function overlap(one: Box, other: Box): boolean {
  const across = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const down = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return across > ROUNDING_PX && down > ROUNDING_PX;
}
