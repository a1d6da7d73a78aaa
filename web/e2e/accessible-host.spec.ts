/** axe finds no violations on any host page. */
import type { Page } from '@playwright/test';

import { Audit, COUNTDOWN_S } from './harness/audit.ts';
import { Console } from './harness/console.ts';
import { Host } from './harness/host.ts';
import { everyType, ocean, tower, quizOf } from './harness/quizzes.ts';
import { CUT, DEVICES, expect, PHONE, test } from './harness/test.ts';

// axe scans every element of many pages
test.describe.configure({ timeout: 240_000 });

for (const [device, options] of DEVICES) {
  test(`accounts, library and editor, on ${device}`, async ({ visitors, stack }) => {
    visitors.tolerate(CUT); // a nonexistent quiz
    const page = await visitors.page(options);
    const audit = new Audit();
    const go = (path: string): Promise<unknown> => page.goto(`${stack.url()}${path}`);

    await go('/host');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await audit.of('the landing page', page);
    await go('/host/sign-in');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByText('Enter your password.')).toBeVisible();
    await audit.of('signing in', page);
    await go('/host/sign-up');
    await expect(page.getByLabel('Your name')).toBeVisible();
    await audit.of('signing up', page);

    const host = await Host.signUp(page.context(), stack.url());
    await go('/host/quizzes');
    await expect(page.getByRole('heading', { name: 'Your first quiz' })).toBeVisible();
    await page.getByRole('button', { name: 'Grace' }).click();
    await audit.of('the empty library, and the account', page);
    await go('/host/runs');
    await expect(page.getByText('No runs yet')).toBeVisible();
    await audit.of('no runs', page);
    const quiz = await host.createQuiz(everyType);
    await host.open(quizOf(ocean));
    await go('/host/quizzes');
    await page.getByRole('button', { name: 'More actions for Every type' }).click();
    await audit.of('the library, and more for a quiz', page);
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await audit.of('deleting a quiz', page);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: /^Start\b.*Every type$/ }).click();
    await page.getByLabel('Countdown (seconds)').fill('soon');
    await page.getByRole('button', { name: 'Open the lobby' }).click();
    await expect(page.getByText('A whole number from')).toBeVisible();
    await audit.of('starting a run', page);

    await go(`/host/quizzes/${quiz}`);
    await expect(page.getByLabel('Quiz title')).toBeVisible();
    for (const question of everyType.questions) {
      await choose(page, question.text);
      await audit.of(`editing a question (${question.type})`, page);
      if (options !== PHONE) continue;
      await pane(page, 'Preview');
      await audit.of(`its preview (${question.type})`, page);
    }
    await pane(page, 'Edit');
    await page.getByRole('button', { name: 'Your pictures' }).click();
    await expect(page.getByText('You haven’t uploaded any pictures yet')).toBeVisible();
    await audit.of('pictures', page);
    await page.getByRole('button', { name: 'Close' }).click();
    await pane(page, 'Questions');
    await page.getByRole('button', { name: 'Add a question' }).click();
    await audit.of('adding a question', page);
    await page.getByRole('menuitem', { name: 'Poll An opinion' }).click();
    await page.getByLabel('Quiz title').fill('');
    await expect(page.getByText('Saved as a draft')).toBeVisible();
    await audit.of('an incomplete quiz', page);
    await go(`/host/quizzes/${crypto.randomUUID()}`);
    await expect(page.getByRole('link', { name: 'Your quizzes' })).toBeVisible();
    await audit.of('no such quiz', page);
    audit.isClean();
  });

  test(`the console and the report, on ${device}`, async ({ visitors, stack }) => {
    const context = await visitors.context(options);
    const host = await Host.signUp(context, stack.url());
    const run = await host.open(quizOf(ocean, tower), { auto_advance: false });
    const desk = await Console.open(context, stack.url(), run.id);
    const { page } = desk;
    const audit = new Audit();

    await audit.of('an empty lobby', page);
    const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
    await (await visitors.player()).join(run.pin, 'Bo');
    await expect(desk.main.getByText('Bo').first()).toBeVisible();
    await audit.of('the lobby', page);
    await page.getByRole('button', { name: 'More actions for this run' }).click();
    await audit.of('more for a run', page);
    await page.getByRole('menuitem', { name: 'Keyboard shortcuts' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await audit.of('the keys', page);
    await page.keyboard.press('Escape');
    await desk.press('Start');
    await ada.pick('Pacific');
    await expect(desk.bar('Pacific')).toContainText('1');
    await audit.of('an open question', page);
    await desk.press('Pause');
    await expect(desk.controls.getByRole('button', { name: 'Resume' })).toBeVisible();
    await audit.of('a pause', page);
    await desk.press('Resume');
    await desk.press('End question now');
    await expect(desk.main.getByText('1 of 1 right')).toBeVisible();
    await audit.of('an answer', page);
    await desk.press('End');
    await expect(page.getByRole('dialog')).toBeVisible();
    await audit.of('ending the quiz', page);
    await page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
    await expect(desk.main.getByText('2 players took part.')).toBeVisible();
    await audit.of('the final result', page);
    await page.getByRole('link', { name: 'Open the report' }).click();
    await page.getByRole('group').filter({ hasText: 'Which ocean' }).click();
    await page.getByRole('button', { name: 'Ada' }).click();
    await expect(page.getByRole('cell').getByText('Pacific')).toBeVisible();
    await audit.of('the report', page);
    await page.goto(`${stack.url()}/host/runs`);
    await expect(page.getByText('A short quiz').first()).toBeVisible();
    await audit.of('past runs', page);

    const off = await host.open(quizOf(ocean), { countdown_s: COUNTDOWN_S });
    await off.command('start');
    const other = await Console.open(context, stack.url(), off.id);
    await expect(other.main.getByText('About to start')).toBeVisible();
    await audit.of('the countdown', other.page);
    await off.command('end');
    await expect(other.main.getByText('Cancelled')).toBeVisible();
    await audit.of('called off', other.page);
    audit.isClean();
  });
}

async function choose(page: Page, question: string): Promise<void> {
  await pane(page, 'Questions');
  await page.getByRole('region', { name: 'Questions' }).getByText(question).click();
  await expect(page.getByRole('region', { name: /^Question \d/ })).toContainText('Explanation');
}

/** On phones the editor shows one pane at a time. */
async function pane(page: Page, name: 'Questions' | 'Edit' | 'Preview'): Promise<void> {
  const tab = page.getByRole('navigation', { name: 'Parts of the editor' }).getByText(name);
  if (await tab.isVisible()) await tab.click();
}
