/** Reloads, second devices and returns restore the right screen and time. */
import { expect, PHONE, test } from './harness/test.ts';
import { ocean, primes, quizOf, tower, whale } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';

/** Seconds are rounded up, and frames and reads take time. */
const TOLERANCE_S = 1.5;

test('a reload during a question shows it again with its remaining time', async ({
  visitors,
  hosting,
}) => {
  const run = await hosting.host.open(quizOf(ocean));
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  await visitors.player().then((player) => player.join(run.pin, 'Bo'));
  await run.command('start');
  await ada.sees('Which ocean is the largest?');

  await ada.page.reload();
  await ada.sees('Which ocean is the largest?');
  const { closes_at } = await run.view();
  const left_s = ((closes_at ?? NaN) - Date.now()) / 1000;
  expect(Math.abs((await ada.secondsLeft()) - left_s)).toBeLessThanOrEqual(TOLERANCE_S);

  await ada.pick('Pacific');
  await ada.isLockedIn();
  await ada.page.reload();
  await ada.isLockedIn();
  await expect(ada.tile('Pacific')).toHaveAttribute('aria-pressed', 'true');
  await expect(ada.tile('Arctic')).toHaveAttribute('aria-pressed', 'false');
  await ada.tile('Arctic').click({ force: true });
  await expect(ada.tile('Arctic')).toHaveAttribute('aria-pressed', 'false');

  await run.command('skip');
  await expect(ada.heading('Right!')).toBeVisible();
  const stored = (await run.results()).find(({ nickname }) => nickname === 'Ada')?.answers;
  expect(stored?.map(({ answer }) => answer)).toEqual([2]);
});

test('a reload returns to the lobby, the result and the end', async ({ visitors, hosting }) => {
  const run = await hosting.host.open(quizOf(tower, whale), { auto_advance: false });
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  await ada.page.reload();
  await expect(ada.heading('You’re in!')).toBeVisible();
  await run.command('start');
  await ada.type('Your number', '330');
  await expect(ada.heading('Right!')).toBeVisible();
  await ada.page.reload();
  await expect(ada.heading('Right!')).toBeVisible();
  await run.command('next');
  await ada.type('Your answer', 'Blue whale');
  await ada.page.reload();
  await expect(ada.heading('Right!')).toBeVisible();
  await run.command('next');
  await expect(ada.heading('You won!')).toBeVisible();
  await ada.page.reload();
  await expect(ada.heading('You won!')).toBeVisible();
});

test('a reload does not send an answer that was picked but not sent', async ({
  visitors,
  hosting,
}) => {
  const run = await hosting.host.open(quizOf(primes));
  const ada = await (await visitors.player()).join(run.pin, 'Ada');
  await visitors.player().then((player) => player.join(run.pin, 'Bo'));
  await run.command('start');
  await ada.pick('Nine');
  await ada.page.reload();
  await ada.pickAll('Two', 'Eleven');
  await ada.isLockedIn();
});

test('the PIN returns this device to its seat', async ({ visitors, hosting }) => {
  const run = await hosting.host.open(quizOf(ocean));
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  await ada.follow(run.pin);
  await ada.page.getByRole('link', { name: 'Continue as Ada' }).click();
  await expect(ada.heading('You’re in!')).toBeVisible();
  expect((await run.view()).players).toBe(1);
});

test('a second tab takes over, and the first one says so', async ({ visitors, hosting }) => {
  const run = await hosting.host.open(quizOf(ocean));
  const ada = await (await visitors.player()).join(run.pin, 'Ada');
  const second = await ada.page.context().newPage();
  await second.goto(ada.page.url());
  await expect(second.getByRole('heading', { name: 'You’re in!' })).toBeVisible();
  await expect(ada.heading('You’re playing on another device')).toBeVisible();
  await ada.page.getByRole('button', { name: 'Play here' }).click();
  await expect(ada.heading('You’re in!')).toBeVisible();
});

test('a phone that slept wakes to the current question', async ({ visitors, hosting }) => {
  const run = await hosting.host.open(quizOf(ocean, primes), { auto_advance: false });
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  await run.command('start');
  await ada.sees('Which ocean is the largest?');
  const devtools = await ada.page.context().newCDPSession(ada.page);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  await run.command('skip');
  await expect.poll(async () => (await run.view()).phase).toBe('reveal');
  await run.command('next');
  await expect.poll(async () => (await run.view()).phase).toBe('question');
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  await ada.sees('Which of these are prime?');
  const left_s = (((await run.view()).closes_at ?? NaN) - Date.now()) / 1000;
  expect(Math.abs((await ada.secondsLeft()) - left_s)).toBeLessThanOrEqual(TOLERANCE_S);
  await ada.pickAll('Two', 'Eleven');
  await expect(ada.heading('Right!')).toBeVisible();
});

test('the big screen returns to the question, its time and its count after a reload', async ({
  visitors,
  hosting,
  stack,
}) => {
  const run = await hosting.host.open(quizOf(ocean));
  const ada = await (await visitors.player()).join(run.pin, 'Ada');
  await visitors.player().then((player) => player.join(run.pin, 'Bo'));
  const screen = await Screen.open(hosting.context, stack.url(), run.id);
  await run.command('start');
  await screen.sees('Which ocean is the largest?');
  await ada.pick('Pacific');
  await expect(screen.answered).toHaveText(/1 \/ 2/);
  await screen.page.reload();
  await screen.sees('Which ocean is the largest?');
  await expect(screen.answered).toHaveText(/1 \/ 2/);
});
