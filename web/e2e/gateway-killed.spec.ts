/** kill -9 of the gateway that everyone is connected to. */
import { Console } from './harness/console.ts';
import { ocean, primes, quizOf } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { CUT, expect, PHONE, test } from './harness/test.ts';

/** Other tests use the first gateway. */
const GATEWAY = 1;

test('everyone reconnects after a gateway was killed, with their answers', async ({
  visitors,
  hosting,
  stack,
}) => {
  visitors.tolerate(CUT);
  const url = stack.url(GATEWAY);
  const run = await hosting.host.open(quizOf(ocean, primes), { auto_advance: false });
  const ada = await (await visitors.player(PHONE, url)).join(run.pin, 'Ada');
  const bo = await (await visitors.player({}, url)).join(run.pin, 'Bo');
  const screen = await Screen.open(hosting.context, url, run.id);
  const desk = await Console.open(hosting.context, url, run.id);
  await desk.press('Start');
  await Promise.all([ada, bo, screen, desk].map((one) => one.sees('Which ocean is the largest?')));
  await ada.pick('Pacific');
  await ada.isLockedIn();

  const { back } = await stack.killGateway(GATEWAY);
  await expect(ada.reconnecting).toBeVisible();
  for (const { page } of [screen, desk])
    await expect(page.getByText('Reconnecting…')).toBeVisible();
  await bo.pick('Pacific');
  await expect(bo.main.getByText('Waiting for the connection…')).toBeVisible();
  await back;

  for (const player of [ada, bo]) await expect(player.heading('Right!')).toBeVisible();
  await expect(screen.option('Pacific')).toContainText('2');
  await expect(desk.main.getByText('2 of 2 right')).toBeVisible();
  await expect(ada.reconnecting).toBeHidden();
  const stored = (await run.results()).map(({ answers }) => answers.map(({ answer }) => answer));
  expect(stored).toEqual([[2], [2]]);

  await desk.press('Next question');
  await Promise.all([ada, bo, screen, desk].map((one) => one.sees('Which of these are prime?')));
});
