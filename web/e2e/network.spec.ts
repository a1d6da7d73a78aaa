/** Network failures: no answer is lost or counted twice. */
import { setTimeout as sleep } from 'node:timers/promises';

import { ocean, primes, quizOf } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { CUT, expect, PHONE, test } from './harness/test.ts';

const AWAY_MS = 5_000;

test('an answer given while the network is down for 5 s counts once', async ({
  visitors,
  hosting,
}) => {
  visitors.tolerate(CUT);
  const run = await hosting.host.open(quizOf(ocean, primes), { auto_advance: false });
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  await run.command('start');
  await ada.sees('Which ocean is the largest?');

  await ada.page.context().setOffline(true);
  await ada.pick('Pacific');
  await expect(ada.main.getByText('Waiting for the connection…')).toBeVisible();
  await sleep(AWAY_MS); // the duration itself is under test
  await expect(ada.reconnecting).toBeVisible();
  await expect(ada.lockedIn).toBeHidden();

  await ada.page.context().setOffline(false);
  await expect(ada.heading('Right!')).toBeVisible();
  await expect(ada.reconnecting).toBeHidden();
  const [player] = await run.results();
  expect(player?.answers.map(({ answer }) => answer)).toEqual([2]);

  await run.command('next');
  await ada.sees('Which of these are prime?');
});

test('an answer given just before the network fails is acknowledged once it is back', async ({
  visitors,
  hosting,
}) => {
  visitors.tolerate(CUT);
  const run = await hosting.host.open(quizOf(ocean));
  const ada = await (await visitors.player()).join(run.pin, 'Ada');
  await visitors.player().then((player) => player.join(run.pin, 'Bo'));
  await run.command('start');
  await ada.sees('Which ocean is the largest?');
  await ada.page.context().setOffline(true);
  await ada.pick('Indian');
  await ada.page.context().setOffline(false);
  await ada.isLockedIn();
  await run.command('skip');
  const stored = (await run.results()).flatMap(({ answers }) => answers);
  expect(stored.map(({ answer }) => answer)).toEqual([1]);
});

test('what a player missed while offline is there afterwards', async ({
  visitors,
  hosting,
  stack,
}) => {
  visitors.tolerate(CUT);
  const run = await hosting.host.open(quizOf(ocean, primes), { auto_advance: false });
  const ada = await (await visitors.player()).join(run.pin, 'Ada');
  await visitors.player().then((player) => player.join(run.pin, 'Bo'));
  const screen = await Screen.open(hosting.context, stack.url(), run.id);
  await run.command('start');
  await Promise.all([ada, screen].map((one) => one.sees('Which ocean is the largest?')));
  for (const { page } of [ada, screen]) await page.context().setOffline(true);
  await expect(ada.reconnecting).toBeVisible();
  await expect(screen.page.getByText('Reconnecting…')).toBeVisible();
  // it shares the context's network, which is cut
  await screen.page.context().setOffline(false);
  await run.command('skip');
  await expect.poll(async () => (await run.view()).phase).toBe('reveal');
  await run.command('next');
  await ada.page.context().setOffline(false);
  await Promise.all([ada, screen].map((one) => one.sees('Which of these are prime?')));
});
