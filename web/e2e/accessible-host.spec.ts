/** axe finds nothing on any of the host's pages, in light and in dark. */
import type { Page } from '@playwright/test';

import { Audit } from './harness/audit.ts';
import { Console } from './harness/console.ts';
import { Host } from './harness/host.ts';
import { everyType, ocean, tower, quizOf } from './harness/quizzes.ts';
import { expect, PHONE, test } from './harness/test.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the host’s library and editor, in ${colorScheme}`, async ({ visitors, stack }) => {
    const page = await visitors.page({ colorScheme });
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
    await expect(page.getByText('No quizzes yet')).toBeVisible();
    await audit.of('the empty library', page);
    const quiz = await host.createQuiz(everyType);
    await page.reload();
    await expect(page.getByText('Every type').first()).toBeVisible();
    await audit.of('the library', page);
    await page.getByRole('button', { name: /^Start\b.*Every type$/ }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await audit.of('starting a run', page);

    await go(`/host/quizzes/${quiz}`);
    for (const question of everyType.questions) {
      await choose(page, question.text);
      await audit.of(`editing a question (${question.type})`, page);
    }
    await page.getByLabel('Title of the quiz').fill('');
    await expect(page.getByText('Not saved yet')).toBeVisible();
    await audit.of('an incomplete quiz', page);
    audit.isClean();
  });

  test(`the host’s console and report, in ${colorScheme}`, async ({ visitors, stack }) => {
    const context = await visitors.context({ colorScheme });
    const host = await Host.signUp(context, stack.url());
    const run = await host.open(quizOf(ocean, tower), { auto_advance: false });
    const desk = await Console.open(context, stack.url(), run.id);
    const ada = await visitors.player({ ...PHONE, colorScheme });
    const audit = new Audit();

    await audit.of('an empty lobby', desk.page);
    await ada.join(run.pin, 'Ada');
    await (await visitors.player({ colorScheme })).join(run.pin, 'Bo');
    await expect(desk.main.getByText('Bo').first()).toBeVisible();
    await audit.of('the lobby', desk.page);
    await desk.press('Start');
    await ada.pick('Pacific');
    await expect(desk.bar('Pacific')).toContainText('1');
    await audit.of('an open question', desk.page);
    await desk.press('Pause');
    await expect(desk.controls.getByRole('button', { name: 'Go on' })).toBeVisible();
    await audit.of('a pause', desk.page);
    await desk.press('Go on');
    await desk.press('Close the question');
    await expect(desk.main.getByText('1 of 1 right')).toBeVisible();
    await audit.of('an answer', desk.page);
    await desk.press('End');
    await expect(desk.page.getByRole('dialog')).toBeVisible();
    await audit.of('ending the quiz', desk.page);
    await desk.page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
    await expect(desk.main.getByText('2 players took part.')).toBeVisible();
    await audit.of('the final result', desk.page);
    await desk.page.getByRole('link', { name: 'Open the report' }).click();
    await expect(desk.page.getByRole('heading', { name: 'Question by question' })).toBeVisible();
    await audit.of('the report', desk.page);
    await desk.page.goto(`${stack.url()}/host/runs`);
    await expect(desk.page.getByText('A short quiz').first()).toBeVisible();
    await audit.of('past runs', desk.page);
    audit.isClean();
  });
}

async function choose(page: Page, question: string): Promise<void> {
  await page.getByRole('region', { name: 'Questions' }).getByText(question).click();
  await expect(page.getByRole('region', { name: /^Question \d/ })).toContainText('Explanation');
}
