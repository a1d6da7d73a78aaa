/**
 * Pages reflow at 320 px (400%) and keep all texts with increased spacing (WCAG 1.4.10, 1.4.12).
 */
import { expect, type Page } from '@playwright/test';

import { Console } from './harness/console.ts';
import { Host } from './harness/host.ts';
import { everyType, ocean, quizOf, tower, whale } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { PHONE, test } from './harness/test.ts';
import { lossesOn, spaceTexts } from './harness/text-spacing.ts';

const LONG = 'Donaudampfschifffahrtsab';
const WIDE = { width: 1280, height: 720 };
const NARROW = { width: 320, height: 568 };

/** Check a page at each size. Violations are soft failures, so that the test continues. */
async function look(where: string, page: Page, sizes = [NARROW, WIDE]): Promise<void> {
  for (const size of sizes) {
    await page.setViewportSize(size);
    expect.soft(await settled(page), `${where}, ${size.width} px`).toEqual([]);
  }
}

/** Expand everything expandable. */
function unfold(page: Page): Promise<void> {
  return page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
}

const SETTLE_MS = 1_500;

/** Wait some frames until the page has adapted to a new size. */
async function settled(page: Page): Promise<string[]> {
  const until_ms = Date.now() + SETTLE_MS;
  for (;;) {
    const faults = await lossesOn(page);
    if (!faults.length || Date.now() > until_ms) return faults;
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

test('the host’s pages before and between runs', async ({ visitors, stack }) => {
  const context = await visitors.context();
  await spaceTexts(context);
  const page = await context.newPage();
  const go = (path: string): Promise<unknown> => page.goto(`${stack.url()}${path}`);
  const heading = (name: string) => page.getByRole('heading', { level: 1, name });

  await go('/host');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await look('the landing page', page);
  await go('/host/sign-up');
  await page.getByLabel('Your name').fill('Ada');
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  await look('signing up', page);

  const host = await Host.signUp(context, stack.url());
  const quiz = await host.createQuiz({ ...everyType, title: `${LONG} `.repeat(4), language: 'de' });
  await host.open(quizOf(ocean));
  await go('/host/quizzes');
  const title = page.getByRole('link', { name: LONG }).first().locator('bdi');
  await expect(title).toHaveAttribute('lang', 'de');
  await look('the library', page);
  await page.getByRole('button', { name: 'Grace' }).click();
  await look('the account', page);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'From text or a table' }).click();
  await page
    .getByRole('textbox', { name: 'Your questions' })
    .fill('1. A star?\na) Moon\n*b) Sun\n');
  await expect(page.getByRole('heading', { name: '1 question found' })).toBeVisible();
  await look('imports', page);
  await page.keyboard.press('Escape');
  await page
    .getByRole('button', { name: /^Start\b/ })
    .first()
    .click();
  await unfold(page);
  await look('starting a run', page);

  await go(`/host/quizzes/${quiz}`);
  await expect(page.getByLabel('Quiz title')).toHaveAttribute('lang', 'de');
  for (const question of everyType.questions) {
    await page.setViewportSize(WIDE);
    await page.getByRole('region', { name: 'Questions' }).getByText(question.text).click();
    await expect(page.getByRole('textbox', { name: /^(Question|Slide text)$/ })).toHaveValue(
      question.text,
    );
    await look(`editing (${question.type})`, page, [WIDE]);
    await page.setViewportSize(NARROW);
    for (const pane of ['Questions', 'Preview', 'Edit']) {
      await page.getByRole('navigation', { name: 'Parts of the editor' }).getByText(pane).click();
      await look(`${pane} (${question.type})`, page, [NARROW]);
    }
  }
  await expect(page.getByRole('textbox', { name: 'Question' })).toHaveAttribute('lang', 'de');
  await go('/host/runs');
  await expect(heading('Runs')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'A short quiz' }).locator('bdi')).toHaveAttribute(
    'lang',
    'en',
  );
  await look('past runs', page);
});

test.describe.configure({ timeout: 180_000 });

test('a run on the console, the big screen and phones, and its report', async ({
  visitors,
  stack,
}) => {
  const context = await visitors.context();
  await spaceTexts(context);
  const host = await Host.signUp(context, stack.url());
  const asked = { ...quizOf(ocean, tower, whale), language: 'de' };
  const quiz = await host.createQuiz(asked);
  const run = await host.open(quiz, { auto_advance: false, approve_players: true });
  const desk = await Console.open(context, stack.url(), run.id);
  const screen = await Screen.open(context, stack.url(), run.id);
  const ada = await visitors.player(PHONE);
  await spaceTexts(ada.page.context());
  const all = async (where: string): Promise<void> => {
    await look(`${where} (console)`, desk.page);
    await look(`${where} (big screen)`, screen.page, [WIDE, NARROW]);
    await look(`${where} (phone)`, ada.page, [NARROW, { width: 390, height: 844 }]);
  };

  await ada.follow(run.pin);
  await ada.nickname.fill(LONG);
  await look('joining', ada.page, [NARROW]);
  await ada.page.getByRole('button', { name: 'Join', exact: true }).click();
  await expect(ada.heading('Waiting to be let in')).toBeVisible();
  const letIn = desk.page.getByRole('button', { name: `Let in ${LONG}` });
  await expect(letIn).toBeVisible();
  await all('waiting');
  await letIn.click();
  await expect(ada.heading('You’re in!')).toBeVisible();
  await expect(screen.main.getByText(LONG)).toBeVisible();
  await all('the lobby');

  await run.command('start');
  for (const [at, question] of asked.questions.entries()) {
    if (at) await run.command('next');
    await Promise.all([
      ada.sees(question.text),
      desk.sees(question.text),
      screen.sees(question.text),
    ]);
    await all(`question ${at + 1}`);
    if (at === 0) await ada.pick('Pacific');
    else if (at === 1) await ada.type('Your number', '330');
    else await ada.type('Your answer', 'A blue whale, or some other kind of whale');
    await expect(ada.heading(/Right!|Not this time/)).toBeVisible();
    await expect(desk.main.getByText('of 1 right')).toBeVisible();
    await all(`answer ${at + 1}`);
  }
  await run.command('end');
  await expect(ada.heading('Your answers')).toBeVisible();
  await expect(desk.main.getByText('1 player took part.')).toBeVisible();
  await all('the end');

  await desk.page.goto(`${stack.url()}/host/runs/${run.id}/report`);
  await expect(desk.page.getByRole('row', { name: new RegExp(LONG) }).first()).toBeVisible();
  await expect(desk.page.getByRole('heading', { level: 1 }).locator('bdi')).toHaveAttribute(
    'lang',
    'de',
  );
  await unfold(desk.page);
  await look('the report', desk.page);
  await desk.page.goto(`${stack.url()}/host/quizzes/${quiz}/runs`);
  await expect(
    desk.page.getByRole('rowheader', { name: ocean.text }).locator('bdi'),
  ).toHaveAttribute('lang', 'de');
  await look('the comparison', desk.page);
});
