/** Host-paced runs: reading, standings on request, a break, and a synchronized finish. */
import { expect, PHONE, test } from './harness/test.ts';
import { Console } from './harness/console.ts';
import { ocean, primes, quizOf } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';

test('the host decides when answers open, standings appear and a break ends', async ({
  visitors,
  hosting,
  stack,
}) => {
  const run = await hosting.host.open(quizOf(ocean, primes), {
    auto_advance: false,
    leaderboard: 'asked',
    break_every: 1,
  });
  const screen = await Screen.open(hosting.context, stack.url(), run.id);
  const desk = await Console.open(hosting.context, stack.url(), run.id);
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');

  // settings are changed in the lobby
  await desk.page.getByRole('button', { name: 'Run settings' }).click();
  const settings = desk.page.getByRole('dialog');
  await settings.getByLabel('Reading time before answers open').selectOption('fixed');
  await settings.getByLabel('Reading time (seconds)').fill('60');
  await settings.getByRole('button', { name: 'Save' }).click();
  await expect(settings).toBeHidden();
  await desk.press('Start');

  // the question is shown, and its answers open on the host's command
  await ada.sees('Which ocean is the largest?');
  await expect(ada.page.getByText(/The answers open in \d+ s/)).toBeVisible();
  await screen.sees('Which ocean is the largest?');
  await expect(ada.tile('Pacific')).toBeHidden();
  await expect(screen.option('Pacific')).toBeHidden();
  await desk.press('Open the answers');
  await expect(screen.option('Pacific')).toBeVisible();
  await ada.pick('Pacific');

  // the solution stays until the host asks for the standings
  await expect(ada.heading('Right!')).toBeVisible();
  await expect(ada.heading('Standings')).toBeHidden();
  await desk.press('Standings');
  await expect(screen.heading('Standings')).toBeVisible();
  await expect(ada.heading('Standings')).toBeVisible();
  await run.command('pause');
  await expect(ada.heading('Right!')).toBeVisible();
  await run.command('resume');
  await screen.page.getByRole('button', { name: 'Standings' }).click({ force: true });
  await expect(screen.option('Pacific').getByRole('img', { name: 'right' })).toBeVisible();

  // a break, ended by the host
  await desk.press('Next question');
  await expect(ada.heading('Break')).toBeVisible();
  await expect(screen.heading('Break')).toBeVisible();
  await desk.press('End the break');
  await ada.sees('Which of these are prime?');
  await desk.press('Open the answers');
  await expect(ada.tile('Eleven')).toBeVisible();
  await run.command('skip');
  await expect(desk.controls.getByRole('button', { name: 'Show final results' })).toBeVisible();

  // everyone sees the winners at the same moment
  await desk.press('Show final results');
  await expect(ada.heading('And the winner is')).toBeVisible();
  await expect(ada.heading('You won!')).toBeVisible();
  await expect(screen.page.getByTestId('podium')).toBeVisible();
});
