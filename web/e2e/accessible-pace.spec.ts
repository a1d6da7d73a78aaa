/** axe finds no violations in host-paced runs: reading, breaks, pauses, settings and extra time. */
import { Audit } from './harness/audit.ts';
import { Console } from './harness/console.ts';
import { bees, ocean, quizOf } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { expect, PHONE, test } from './harness/test.ts';

const READING_S = 60;
const BREAK_S = 300;

test('reading time, a pause, a break, and the settings of a run and of a player', async ({
  visitors,
  hosting,
  stack,
}) => {
  const run = await hosting.host.open(quizOf(ocean, bees), {
    auto_advance: false,
    reading_s: READING_S,
    break_every: 1,
    break_s: BREAK_S,
    own_extra_time: 0,
  });
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  const { page: desk } = await Console.open(hosting.context, stack.url(), run.id);
  const { page: wall } = await Screen.open(hosting.context, stack.url(), run.id);
  const audit = new Audit();

  await ada.page.getByRole('button', { name: 'Your settings' }).click();
  await expect(ada.page.getByRole('radio', { name: 'No time limit' })).toBeVisible();
  await audit.of('a player’s settings', ada.page);
  await ada.page.keyboard.press('Escape');
  await desk.getByRole('button', { name: 'Settings' }).click();
  await expect(desk.getByRole('dialog').getByLabel('Breaks')).toBeChecked();
  await audit.of('the settings of a run', desk);
  await desk.keyboard.press('Escape');
  await desk.getByRole('button', { name: 'Time for Ada' }).click();
  await expect(desk.getByRole('dialog', { name: 'Extra time' })).toBeVisible();
  await audit.of('extra time', desk);
  await desk.keyboard.press('Escape');

  await run.command('start');
  await ada.sees(ocean.text);
  await expect(ada.page.getByText(/The answers open in/)).toBeVisible();
  await audit.of('reading', ada.page, desk, wall);
  await run.command('next');
  await expect(ada.tile('Pacific')).toBeVisible();
  await run.command('pause');
  await expect(ada.heading('Pause')).toBeVisible();
  await expect(wall.getByText('Paused')).toBeVisible();
  await audit.of('a pause', ada.page, wall);
  await run.command('resume');
  await run.command('skip');
  await expect(ada.heading('No answer')).toBeVisible();
  await run.command('next');
  await expect(ada.heading('Break')).toBeVisible();
  await expect(wall.getByTestId('break')).toBeVisible();
  await audit.of('a break', ada.page, desk, wall);
  audit.isClean();
});
