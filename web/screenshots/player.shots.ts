/** A player's screens, from the PIN to the podium. */
import type { Run } from '../e2e/harness/host.ts';
import type { Player } from '../e2e/harness/player.ts';
import { Camera } from './camera.ts';
import { uploadFlag } from './picture.ts';
import { asked, bees, coasts, everest, flag, inventions, tourWith, whale } from './quizzes.ts';
import { CUT, expect, PHONE, test } from './test.ts';

const camera = new Camera('player');

/** How each question is answered on phone and desktop; absent for no answer. */
const MOVES = new Map<string, { phone?: Move; desk?: Move }>([
  [flag.text, { phone: (one) => one.pick('Jamaica'), desk: (one) => one.pick('Kenya') }],
  [coasts.text, { phone: (one) => one.pickAll('Bolivia', 'Mongolia'), desk: chooseAll }],
  [bees.text, { phone: (one) => one.pick('False') }],
  [everest.text, { phone: (one) => one.type('Your number', '8850') }],
  [whale.text, { desk: (one) => one.type('Your answer', 'Blue whale') }],
  [inventions.text, { phone: (one) => one.send() }],
]);
type Move = (player: Player) => Promise<void>;

function chooseAll(player: Player): Promise<void> {
  return player.pickAll('Bolivia', 'Mongolia', 'Laos', 'Chad');
}

test('a quiz', async ({ visitors, hosting, guests, stack }) => {
  visitors.tolerate(CUT);
  const { host, context } = hosting;
  const picture = await uploadFlag(context, stack.url());
  const settings = { auto_advance: false, countdown_s: 8 };
  const run = await host.open(tourWith(picture), settings);
  const phone = await visitors.player(PHONE);
  const desk = await visitors.player();
  const both = { phone: phone.page, desktop: desk.page };

  for (const { page } of [phone, desk]) await page.goto(stack.url());
  await expect(phone.page.getByLabel('Quiz PIN')).toBeVisible();
  await camera.take('pin', both);
  for (const player of [phone, desk]) {
    await player.page.getByLabel('Quiz PIN').fill('12');
    await player.page.getByRole('button', { name: 'Next' }).click();
    await expect(player.page.getByText('A PIN has 6 to 8 digits.')).toBeVisible();
  }
  await camera.take('pin-wrong', both);
  for (const player of [phone, desk]) await player.follow(run.pin);
  await expect(phone.nickname).toBeVisible();
  await camera.take('name', both);
  await phone.join(run.pin, 'Ada');
  await desk.join(run.pin, 'Mei');
  await guests.join(run, 18);
  await expect(phone.main).toContainText('20 players');
  await camera.take('lobby', both);

  await run.command('start');
  for (const player of [phone, desk]) await expect(player.heading('Get ready')).toBeVisible();
  await camera.take('countdown', both);
  for (const [place, { question, guests: given }] of asked.entries()) {
    if (place > 0) await run.command('next');
    for (const player of [phone, desk]) await player.sees(question.text);
    await camera.take(`question-${question.type}`, both, true);
    const moves = MOVES.get(question.text);
    if (question === flag) {
      await pause(run, phone, desk);
      await loseNetwork(phone, () => phone.pick('Jamaica'));
    } else {
      await moves?.phone?.(phone);
    }
    await moves?.desk?.(desk);
    if (moves?.phone) await phone.isLockedIn();
    if (moves?.desk) await desk.isLockedIn();
    await guests.answer(place, given);
    await camera.take(`locked-${question.type}`, both, true);
    await run.command('skip').catch(() => undefined); // already closed if everyone has answered
    await expect.poll(async () => (await run.view()).phase).toBe('reveal');
    for (const player of [phone, desk]) await expect(player.page.getByRole('timer')).toBeHidden();
    await expect(phone.main.getByText('Counting the answers…')).toBeHidden();
    await camera.take(`result-${question.type}`, both, true);
  }
  await run.command('next');
  for (const player of [phone, desk])
    await expect(player.page.getByRole('link', { name: 'Play another quiz' })).toBeVisible();
  await camera.take('podium', both, true);
});

async function pause(run: Run, phone: Player, desk: Player): Promise<void> {
  await run.command('pause');
  for (const player of [phone, desk]) await expect(player.heading('Pause')).toBeVisible();
  await camera.take('paused', { phone: phone.page, desktop: desk.page });
  await run.command('resume');
  for (const player of [phone, desk]) await expect(player.heading('Pause')).toBeHidden();
}

/** Give an answer that stays pending until the network is back. */
async function loseNetwork(phone: Player, answer: () => Promise<void>): Promise<void> {
  await phone.page.context().setOffline(true);
  await answer();
  await expect(phone.main.getByText('Waiting for the connection…')).toBeVisible();
  await expect(phone.reconnecting).toBeVisible();
  await camera.take('reconnecting', { phone: phone.page });
  await phone.page.context().setOffline(false);
}
