/**
 * Extra time for a player, chosen by the player or by the host in the console, and a submit button.
 */
import { expect, PHONE, test } from './harness/test.ts';
import { bees, ocean, quizOf } from './harness/quizzes.ts';

test('a player with double time can answer after the others’ time is up', async ({
  visitors,
  hosting,
  stack,
}) => {
  const run = await hosting.host.open(quizOf({ ...ocean, time_limit_s: 5 }), {
    own_extra_time: 150,
  });
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  const bob = await (await visitors.player(PHONE)).join(run.pin, 'Bob');

  // Ada takes the maximum that players may choose; the host grants more
  await ada.page.getByRole('button', { name: 'Your settings' }).click();
  const sheet = ada.page.getByRole('dialog', { name: 'Your settings' });
  await expect(sheet.getByRole('radio')).toHaveCount(3);
  await sheet.getByRole('radio', { name: '1.5 times as long' }).check();
  await sheet.getByText('Read questions aloud').click();
  await sheet.getByRole('button', { name: 'Done' }).click();
  await expect(sheet).toBeHidden();

  // the console lists what is stored when it opens
  await expect.poll(() => run.extraTimes()).toContain(150);
  const console_ = await hosting.context.newPage();
  await console_.goto(`${stack.url()}/host/runs/${run.id}`);
  await console_.getByRole('button', { name: 'Time for Ada' }).click();
  const dialog = console_.getByRole('dialog', { name: 'Extra time' });
  await expect(dialog.getByRole('radio', { name: '1.5 times as long' })).toBeChecked();
  await dialog.getByRole('radio', { name: '2 times as long' }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();

  await run.command('start');
  await ada.sees('Which ocean is the largest?');
  expect(await ada.secondsLeft()).toBeGreaterThan(5);
  await expect(ada.page.getByRole('button', { name: /^(Read aloud|Stop reading)$/ })).toBeVisible();
  await expect(bob.heading('Time is up')).toBeVisible();
  await expect(bob.page.getByText('Waiting for the others…')).toBeVisible();
  await ada.pick('Pacific');
  await expect(ada.heading('Right!')).toBeVisible();
  await expect(bob.heading('No answer')).toBeVisible();
  await expect(bob.page.getByText(/extra|twice/i)).toBeHidden();
});

test('a player can choose to send answers with a button, and change them until then', async ({
  visitors,
  hosting,
}) => {
  const run = await hosting.host.open(quizOf(ocean, bees), { auto_advance: false });
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  await ada.page.getByRole('button', { name: 'Your settings' }).click();
  const sheet = ada.page.getByRole('dialog', { name: 'Your settings' });
  await sheet.getByRole('switch', { name: 'Ask before sending' }).check();
  await sheet.getByRole('button', { name: 'Done' }).click();
  await run.command('start');
  await ada.pick('Atlantic');
  await ada.pick('Pacific');
  await expect(ada.tile('Atlantic')).toHaveAttribute('aria-pressed', 'false');
  expect((await run.view()).phase).toBe('question');
  await ada.send();
  await expect(ada.heading('Right!')).toBeVisible();
  // stored on the device
  await ada.page.reload();
  await run.command('next');
  await ada.pick('False');
  await ada.pick('True');
  await ada.send();
  await expect(ada.heading('Right!')).toBeVisible();
});
