/** kill -9 of the gateway that everyone is connected to. */
import { ocean, primes, quizOf } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { CUT, expect, PHONE, test } from './harness/test.ts';

/** The other tests are on the first one. */
const GATEWAY = 1;

test('everyone comes back to a gateway that was killed, with the answers they gave', async ({
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
  await run.command('start');
  await Promise.all([ada, bo, screen].map((one) => one.sees('Which ocean is the largest?')));
  await ada.pick('Pacific');
  await ada.isLockedIn();

  const { back } = await stack.killGateway(GATEWAY);
  await expect(ada.reconnecting).toBeVisible();
  await expect(screen.page.getByText('Reconnecting…')).toBeVisible();
  await bo.pick('Pacific');
  await expect(bo.main.getByText('Sent…')).toBeVisible();
  await back;

  for (const player of [ada, bo]) await expect(player.heading('Right!')).toBeVisible();
  await expect(screen.option('Pacific')).toContainText('2');
  await expect(ada.reconnecting).toBeHidden();
  const stored = (await run.results()).map(({ answers }) => answers.map(({ answer }) => answer));
  expect(stored).toEqual([[2], [2]]);

  await run.command('next');
  await Promise.all([ada, bo, screen].map((one) => one.sees('Which of these are prime?')));
});
