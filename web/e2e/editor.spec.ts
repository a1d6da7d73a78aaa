/** The editor: reordering by every input method, previews, and uploads. */
import type { Locator, Page } from '@playwright/test';

import { Audit } from './harness/audit.ts';
import { Host } from './harness/host.ts';
import { everyType, ocean, quizOf, tower, whale, type Quiz } from './harness/quizzes.ts';
import { DEVICES, expect, PHONE, test } from './harness/test.ts';

/** 1 × 1 pixel. */
const GIF = Buffer.from('R0lGODdhAwACAIEAAMgePAAAAAAAAAAAACwAAAAAAwACAAAIBgABCBwYEAA7', 'base64');

async function edit(page: Page, url: string, quiz: Quiz): Promise<void> {
  const host = await Host.signUp(page.context(), url);
  await page.goto(`${url}/host/quizzes/${await host.createQuiz(quiz)}`);
  await expect(page.getByLabel('Quiz title')).toHaveValue(quiz.title);
}

/** On phones the editor shows one pane at a time. */
async function pane(page: Page, name: 'Questions' | 'Edit' | 'Preview'): Promise<void> {
  const tab = page.getByRole('navigation', { name: 'Parts of the editor' }).getByText(name);
  if (await tab.isVisible()) await tab.click();
}

async function choose(page: Page, at: number): Promise<void> {
  await pane(page, 'Questions');
  await questionsOf(page).nth(at).locator('.pick').click();
}

const questionsOf = (page: Page): Locator =>
  page.getByRole('region', { name: 'Questions' }).getByRole('listitem');
const answersOf = (page: Page): Locator => page.locator('[data-field=correct] > li');
const textsOf = (page: Page): Promise<string[]> =>
  answersOf(page)
    .locator('.field input')
    .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value));

async function boxOf(part: Locator) {
  const box = await part.boundingBox();
  if (!box) throw new Error('It is not drawn.');
  return box;
}

/** Where the part is once it no longer moves: rows glide to their places. */
async function centreOf(part: Locator): Promise<{ x: number; y: number }> {
  let { x, y, width, height } = await boxOf(part);
  await expect
    .poll(async () => {
      const before = y;
      ({ x, y, width, height } = await boxOf(part));
      return y === before;
    })
    .toBe(true);
  return { x: x + width / 2, y: y + height / 2 };
}

/** Pointer positions from one handle to slightly beyond another. */
async function way(from: Locator, to: Locator): Promise<{ x: number; y: number }[]> {
  for (const part of [to, from]) await part.scrollIntoViewIfNeeded();
  const [start, end] = [await centreOf(from), await centreOf(to)];
  const beyond = 8 * Math.sign(end.y - start.y);
  return Array.from({ length: 13 }, (_, step) => ({
    x: start.x,
    y: start.y + ((end.y + beyond - start.y) * step) / 12,
  }));
}

/** Wait until there is a gap where the carried part is to be dropped, as a person would. */
async function gapAt(page: Page, y: number): Promise<void> {
  const handle = page.locator('.gap > .grip, [data-field=correct] > .gap .mark');
  await expect
    .poll(async () => Math.abs((await centreOf(handle)).y - y), 'the gap is there')
    .toBeLessThan(25);
}

async function dragByMouse(page: Page, from: Locator, to: Locator): Promise<void> {
  const [start, ...steps] = await way(from, to);
  await page.mouse.move(start?.x ?? 0, start?.y ?? 0);
  await page.mouse.down();
  for (const { x, y } of steps) await page.mouse.move(x, y);
  await gapAt(page, steps.at(-1)?.y ?? 0);
  await page.mouse.up();
}

async function dragByTouch(page: Page, from: Locator, to: Locator): Promise<void> {
  const [start, ...steps] = await way(from, to);
  const finger = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', point?: { x: number; y: number }) =>
    finger.send('Input.dispatchTouchEvent', { type, touchPoints: point ? [point] : [] });
  await touch('touchStart', start);
  for (const step of steps) await touch('touchMove', step);
  await gapAt(page, steps.at(-1)?.y ?? 0);
  await touch('touchEnd');
}

for (const [how, options, drag] of [
  ['a mouse', {}, dragByMouse],
  ['a finger', PHONE, dragByTouch],
] as const) {
  test(`questions and answers are dragged by ${how}, and each move is undone`, async ({
    visitors,
    stack,
  }) => {
    const page = await visitors.page(options);
    await edit(page, stack.url(), quizOf(ocean, tower, whale));
    await pane(page, 'Questions');
    const questions = questionsOf(page);
    const grip = (at: number): Locator => questions.nth(at).locator('.grip');
    await drag(page, grip(0), grip(2));
    await expect(questions.last()).toContainText(ocean.text);
    await expect(questions.first()).toContainText(tower.text);
    await expect(questions.last()).toHaveClass(/current/);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(questions.first()).toContainText(ocean.text);
    await page.getByRole('button', { name: 'Redo' }).click();
    await expect(questions.last()).toContainText(ocean.text);
    await drag(page, grip(2), grip(1));
    await expect(questions.nth(1)).toContainText(ocean.text);
    await expect(questions).toHaveCount(3);

    await choose(page, 1);
    const mark = (at: number): Locator => answersOf(page).nth(at).locator('.mark');
    await drag(page, mark(0), mark(2));
    await expect.poll(() => textsOf(page)).toEqual(['Indian', 'Pacific', 'Atlantic', 'Arctic']);
    // the mark moves with its option
    await expect(page.getByLabel('Answer 2 is right')).toBeChecked();
    await drag(page, mark(3), mark(0));
    await expect.poll(() => textsOf(page)).toEqual(['Arctic', 'Indian', 'Pacific', 'Atlantic']);
    await expect(page.getByLabel('Answer 3 is right')).toBeChecked();
    await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  });
}

test('answers are reordered by buttons and keys, which keep the focus', async ({
  visitors,
  stack,
}) => {
  const page = await visitors.page();
  await edit(page, stack.url(), quizOf(ocean));
  await page.getByRole('button', { name: 'Move number 1 down' }).click();
  await expect(page.getByRole('button', { name: 'Move number 2 down' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  expect(await textsOf(page)).toEqual(['Indian', 'Pacific', 'Arctic', 'Atlantic']);
  // at the end only the opposite direction remains
  await expect(page.getByRole('button', { name: 'Move number 4 up' })).toBeFocused();
  const answer = page.getByLabel('Answer 4', { exact: true });
  await answer.press('Alt+ArrowUp');
  await expect(page.getByLabel('Answer 3', { exact: true })).toBeFocused();
  expect(await textsOf(page)).toEqual(['Indian', 'Pacific', 'Atlantic', 'Arctic']);
});

test('an uploaded picture lands in the question it was added to, even if another is open', async ({
  visitors,
  stack,
}) => {
  const page = await visitors.page();
  await edit(page, stack.url(), quizOf(ocean, { ...ocean, text: 'Which is the saltiest?' }));
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/api/v1/media', async (route) => {
    await held;
    await route.continue();
  });
  let arrived = 0;
  page.on('requestfinished', (request) => {
    if (request.url().endsWith('/api/v1/media')) arrived += 1;
  });
  const file = { name: 'red.gif', mimeType: 'image/gif', buffer: GIF };
  const form = page.getByRole('region', { name: 'Question 1' });
  await form.locator('[data-field^="option."] input[type=file]').nth(1).setInputFiles(file);
  await form.locator('[data-field=media] input[type=file]').setInputFiles(file);
  await choose(page, 1);
  const other = page.getByRole('region', { name: 'Question 2' });
  await expect(other).toBeVisible();
  // both uploads finish while the second question is selected
  release();
  await expect.poll(() => arrived).toBe(2);
  await choose(page, 0);
  await expect(form.locator('[data-field^="option."]').nth(1).locator('img')).toHaveCount(1);
  await expect(form.locator('[data-field=media] img')).toHaveCount(1);
  await expect(form.locator('img')).toHaveCount(2);
  await choose(page, 1);
  await expect(other.getByLabel('Question', { exact: true })).toHaveValue('Which is the saltiest?');
  await expect(other.locator('img')).toHaveCount(0);
});

async function enlarged(page: Page, larger: Locator, audit: Audit): Promise<void> {
  await larger.click();
  const dialog = page.getByRole('dialog', { name: 'Big screen: reveal' });
  await expect(dialog.locator('.right')).toHaveText(/Pacific/);
  await audit.of('the big screen, enlarged', page);
  // nothing overflows at any size
  const wall = dialog.getByTestId('question');
  expect(await wall.evaluate((box) => box.scrollHeight - box.clientHeight)).toBeLessThanOrEqual(1);
  await page.keyboard.press('Escape');
  await expect(larger).toBeFocused();
}

for (const [device, options] of DEVICES) {
  test(`previews show what players and the room will see, on ${device}`, async ({
    visitors,
    stack,
  }) => {
    const page = await visitors.page({ viewport: { width: 1366, height: 768 }, ...options });
    await edit(page, stack.url(), everyType);
    const seen = page.getByRole('tabpanel');
    const view = (name: string): Promise<void> =>
      page.getByRole('tab', { name, exact: true }).click();
    const audit = new Audit();
    for (const [at, { text, type }] of everyType.questions.entries()) {
      await choose(page, at);
      await pane(page, 'Preview');
      for (const name of ['Phone', 'Phone: reveal', 'Big screen', 'Big screen: reveal']) {
        await view(name);
        if (type !== 'slide' || name !== 'Phone: reveal') await expect(seen).toContainText(text);
        // the frame is the same for all types
        if (type === 'single') await audit.of(name, page);
      }
    }
    await choose(page, 1);
    await pane(page, 'Preview');
    await expect(seen.locator('.right')).toHaveText(/Pacific/);
    await expect(seen).toContainText('The numbers are examples');
    // a small 16:9 picture in the pane, not full size
    const [frame, whole] = [await boxOf(seen.locator('[inert]')), await boxOf(seen)];
    expect(frame.width / frame.height).toBeCloseTo(16 / 9, 1);
    expect(frame.x).toBeGreaterThanOrEqual(whole.x);
    expect(frame.x + frame.width).toBeLessThanOrEqual(whole.x + whole.width + 1);
    const question = await boxOf(seen.getByTestId('question'));
    expect(question.width).toBeCloseTo(frame.width, 0);
    const larger = page.getByRole('button', { name: 'Enlarge' });
    if (options === PHONE) await expect(larger).toBeHidden();
    else await enlarged(page, larger, audit);
    audit.isClean();
  });
}
