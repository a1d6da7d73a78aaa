/** The host pauses and resumes the quiz. */
import { expect, PHONE, test } from './harness/test.ts';
import { ocean, quizOf } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';

test('a pause hides the question and keeps its remaining time', async ({
  visitors,
  hosting,
  stack,
}) => {
  const run = await hosting.host.open(quizOf(ocean));
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  const screen = await Screen.open(hosting.context, stack.url(), run.id);
  await run.command('start');
  await ada.sees('Which ocean is the largest?');
  await run.command('pause');
  await expect(ada.heading('Pause')).toBeVisible();
  await expect(screen.page.getByText('Paused')).toBeVisible();
  const left = ada.page.getByText(/\d+ s left/);
  const before = await left.innerText();

  await ada.page.reload();
  await expect(left).toHaveText(before);
  await screen.page.reload();
  await expect(screen.page.getByText('Paused')).toBeVisible();
  await ada.page.keyboard.press('3');

  await run.command('resume');
  await expect(ada.heading('Pause')).toBeHidden();
  await expect(screen.page.getByText('Paused')).toBeHidden();
  await expect(ada.tile('Pacific')).toHaveAttribute('aria-pressed', 'false');
  const seconds = Number(before.replace(/\D/g, ''));
  expect(await ada.secondsLeft()).toBeLessThanOrEqual(seconds);
  expect(await ada.secondsLeft()).toBeGreaterThanOrEqual(seconds - 5);
  await ada.pick('Pacific');
  await expect(ada.heading('Right!')).toBeVisible();
});
