/** The host pages, with the console and report of a run. */
import { Console } from '../e2e/harness/console.ts';
import { Host } from '../e2e/harness/host.ts';
import { everyType, quizOf } from '../e2e/harness/quizzes.ts';
import { CUT, expect, PHONE, test } from './test.ts';
import { Camera } from './camera.ts';
import { uploadFlag } from './picture.ts';
import {
  asked,
  bees,
  coasts,
  everest,
  flag,
  inventions,
  next,
  tourWith,
  whale,
} from './quizzes.ts';

const camera = new Camera('host');

test('library and editor', async ({ visitors, stack }) => {
  visitors.tolerate(CUT);
  const page = await visitors.page();
  const sizes = { phone: page, desktop: page };
  const go = (path: string): Promise<unknown> => page.goto(`${stack.url()}${path}`);
  await go('/host');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await camera.take('landing', sizes, true);
  await go('/host/sign-up');
  await camera.take('sign-up', sizes);
  await go('/host/sign-in');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('Enter your password.')).toBeVisible();
  await camera.take('sign-in-faults', sizes);

  const host = await Host.signUp(page.context(), stack.url());
  await go('/host/quizzes');
  await expect(page.getByRole('heading', { name: 'Your first quiz' })).toBeVisible();
  await camera.take('library-empty', sizes);
  await go('/host/runs');
  await expect(page.getByText('No runs yet')).toBeVisible();
  await camera.take('runs-empty', sizes);
  const picture = await uploadFlag(page.context(), stack.url());
  for (const title of ['Science for the last row', 'Onboarding day', 'Films of the year'])
    await host.createQuiz({ ...everyType, title });
  const quiz = await host.createQuiz(tourWith(picture));
  await host.open({ ...quizOf(bees, whale), title: 'Friday afternoon' });
  await go('/host/quizzes');
  await expect(page.getByText('Around the world').first()).toBeVisible();
  await camera.take('library', sizes, true);
  await page
    .getByRole('button', { name: /^Start/ })
    .first()
    .click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await camera.take('start', sizes);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More actions for Around the world' }).click();
  await camera.take('library-menu', sizes);

  await go(`/host/quizzes/${quiz}`);
  for (const question of [flag, coasts, bees, everest, whale, inventions, next]) {
    await page.setViewportSize({ width: 1440, height: 900 });
    const list = page.getByRole('region', { name: 'Questions' });
    await list.getByText(question.text).click();
    await camera.take(`editor-${question.type}`, { desktop: page });
    await camera.take(`editor-${question.type}-whole`, { phone: page }, true);
  }
  for (const pane of ['Questions', 'Preview']) {
    await page.setViewportSize({ width: 390, height: 844 });
    await page
      .getByRole('tab', { name: pane })
      .or(page.getByText(pane, { exact: true }))
      .first()
      .click();
    await camera.take(`editor-${pane.toLowerCase()}`, { phone: page });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByLabel('Quiz title').fill('');
  await page.getByRole('button', { name: 'Add a question' }).click();
  await camera.take('editor-add', { desktop: page });
  const number = page.getByRole('menuitem', { name: 'Number Typed, with a tolerance' });
  // it may have closed, as taking a screenshot blurs the page
  if (await number.isHidden()) await page.getByRole('button', { name: 'Add a question' }).click();
  await number.click();
  await page.getByLabel('The right number').fill('many');
  await page.getByLabel('Explanation').focus();
  await camera.take('editor-faults', sizes);
});

test('console and report', async ({ hosting, guests, stack }) => {
  const { host, context } = hosting;
  const picture = await uploadFlag(context, stack.url());
  const run = await host.open(tourWith(picture), { auto_advance: false });
  const desk = await Console.open(context, stack.url(), run.id);
  const { page } = desk;
  const sizes = { phone: page, desktop: page };
  await camera.take('console-empty', sizes);
  await guests.join(run, 24);
  await expect(desk.main.getByText('24 players are here')).toBeVisible();
  await camera.take('console-lobby', sizes);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
  await camera.take('console-keys', sizes);
  await page.keyboard.press('Escape');
  await run.command('start');
  for (const [place, { question, guests: given }] of asked.entries()) {
    if (place > 0) await run.command('next');
    await desk.sees(question.text);
    await guests.answer(place, (guest, options) => (guest === 5 ? null : given(guest, options)));
    await camera.take(`console-${question.type}`, sizes, question === flag);
    if (question === flag) {
      await run.command('pause');
      await expect(desk.controls.getByRole('button', { name: 'Resume' })).toBeVisible();
      await camera.take('console-paused', sizes);
      await run.command('resume');
    }
    await run.command('skip');
    await expect.poll(async () => (await run.view()).phase).toBe('reveal');
    await expect(page.getByText('Continues when you press Next')).toBeVisible();
    await camera.take(`console-${question.type}-reveal`, sizes);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await desk.press('End');
  await camera.take('console-end', sizes);
  await page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
  await expect(desk.main.getByText('24 players took part.')).toBeVisible();
  await camera.take('console-finished', sizes, true);
  await page.getByRole('link', { name: 'Open the report' }).click();
  await expect(page.getByRole('heading', { name: 'Question by question' })).toBeVisible();
  await page.mouse.move(0, 0);
  await camera.take('report', sizes, true);
  await page.getByRole('cell', { name: 'Amara' }).or(page.getByText('Amara')).first().click();
  await camera.take('report-player', sizes, true);
  await page.goto(`${stack.url()}/host/runs`);
  await expect(page.getByText('Around the world').first()).toBeVisible();
  await camera.take('runs', sizes);
});

test('not signed in', async ({ visitors, stack }) => {
  const page = await visitors.page(PHONE);
  await page.goto(`${stack.url()}/host/quizzes`);
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  await camera.take('sign-in', { phone: page, desktop: page });
});
