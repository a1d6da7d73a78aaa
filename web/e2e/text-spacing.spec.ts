/** A computer at 400 % is 320 px wide and 256 high: nothing scrolls sideways, though text is spaced, too. */
import { Console } from './harness/console.ts';
import { Host } from './harness/host.ts';
import { everyType, quizOf, ocean } from './harness/quizzes.ts';
import { expect, test } from './harness/test.ts';
import { cutOff, spaceText } from './harness/text-spacing.ts';

const ZOOMED = { viewport: { width: 320, height: 256 } };

test('pages bear 400 % and spaced text', async ({ visitors, stack }) => {
  const context = await visitors.context(ZOOMED);
  const host = await Host.signUp(context, stack.url());
  const quiz = await host.createQuiz(everyType);
  const run = await host.open(quizOf(ocean), { auto_advance: false });
  const page = await context.newPage();
  const faults: string[] = [];
  const look = async (name: string, at = page): Promise<void> => {
    for (const fault of await cutOff(at)) faults.push(`${name}: ${fault}`);
  };
  const go = async (path: string): Promise<void> => {
    await page.goto(`${stack.url()}${path}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
    await spaceText(page);
  };

  for (const path of ['/', '/host', '/host/sign-up', '/host/runs', '/room-test', '/host/quizzes']) {
    await go(path);
    await look(path);
  }
  await page.getByRole('button', { name: /^Start\b.*Every type$/ }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await look('starting a run');
  await go(`/host/quizzes/${quiz}`);
  for (const pane of ['Questions', 'Edit', 'Preview']) {
    await page.getByRole('navigation', { name: 'Parts of the editor' }).getByText(pane).click();
    await look(`the editor: ${pane}`);
  }

  const ada = await visitors.player(ZOOMED);
  await ada.follow(run.pin);
  await spaceText(ada.page);
  await look('joining', ada.page);
  await ada.nickname.fill('Ada');
  await ada.nickname.press('Enter');
  await expect(ada.heading('You are in!')).toBeVisible();
  await look('the lobby of a player', ada.page);
  const desk = await Console.open(context, stack.url(), run.id);
  await spaceText(desk.page);
  await look('the lobby of the host', desk.page);
  await run.command('start');
  await ada.pick('Pacific');
  await expect(ada.heading('Right!')).toBeVisible();
  await look('a result', ada.page);
  await expect(desk.main.getByText('1 of 1 right')).toBeVisible();
  await look('an answer at the desk', desk.page);
  await run.command('end');
  await expect(ada.heading('You have won!')).toBeVisible();
  await look('the final result', ada.page);
  await go(`/host/runs/${run.id}/report`);
  await look('the report');
  expect(faults).toEqual([]);
});
