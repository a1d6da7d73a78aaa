/** Admission and removal, moderation of typed answers, and changing devices. */
import type { BrowserContext, Page } from '@playwright/test';

import { Audit } from './harness/audit.ts';
import { Console } from './harness/console.ts';
import type { Player } from './harness/player.ts';
import { ocean, quizOf, whale } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { expect, PHONE, test } from './harness/test.ts';

/** Try to join with a nickname, once the form is shown. */
async function tryAs(player: Player, pin: string, nickname: string): Promise<void> {
  await player.follow(pin);
  await player.nickname.fill(nickname);
  await player.page.getByRole('button', { name: 'Join', exact: true }).click();
}

/** Removed players poll whether they may return. */
const STILL_OUT = /403 \(Forbidden\)/;

const out = (player: Player) => player.heading('You were removed');

/** The console on a phone, where the player list is below the fold. */
async function onPhone(context: BrowserContext, url: string, runId: string): Promise<Console> {
  const page = await context.newPage();
  await page.setViewportSize({ width: 390, height: 844 });
  const console_ = new Console(page);
  await page.goto(`${url}/host/runs/${runId}`);
  await expect(console_.controls).toBeVisible();
  return console_;
}

async function remove(host: Page, name: string): Promise<void> {
  await host.getByRole('button', { name: `Remove ${name}` }).click();
  await host.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
}

test('a removed player stays out under any name until the host undoes it', async ({
  visitors,
  hosting,
  stack,
}) => {
  visitors.tolerate(STILL_OUT);
  const audit = new Audit();
  const run = await hosting.host.open(quizOf(ocean));
  const rude = await (await visitors.player(PHONE)).join(run.pin, 'Rudy');
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  const console_ = await onPhone(hosting.context, stack.url(), run.id);
  await remove(console_.page, 'Rudy');
  await expect(out(rude)).toBeVisible();
  await expect(console_.page.getByText('Rudy was removed.')).toBeVisible();
  await audit.of('removed', console_.page, rude.page);

  for (const name of ['Rudy', 'RÜDY', 'Somebody']) {
    await tryAs(rude, run.pin, name);
    await expect(out(rude), name).toBeVisible();
  }
  const other = await visitors.player(PHONE);
  await tryAs(other, run.pin, 'Rud\u0443');
  await expect(out(other)).toBeVisible();
  // an unknown player on another device is admitted
  await (await visitors.player()).join(run.pin, 'Bob');

  await console_.page.getByText(/^Removed/).click();
  await console_.page.getByRole('button', { name: 'Let back in: Rudy' }).click();
  await expect(console_.page.getByRole('button', { name: 'Remove Rudy' })).toBeVisible();
  await expect(console_.page.getByRole('button', { name: 'Undo' })).toBeHidden({ timeout: 2_000 });
  await rude.follow(run.pin);
  await rude.page.getByRole('link', { name: /Rudy/ }).click();
  await expect(rude.heading('You’re in!')).toBeVisible();

  // with the toast's button, during the quiz, without any action by the player
  await console_.press('Start');
  await ada.sees('Which ocean is the largest?');
  await remove(console_.page, 'Ada');
  const undo = console_.page.getByRole('button', { name: 'Undo' });
  await undo.hover(); // it stays, however long Ada's phone takes
  await expect(out(ada)).toBeVisible();
  await undo.click();
  await ada.sees('Which ocean is the largest?');
  await ada.pick('Pacific');
  await ada.isLockedIn();
  audit.isClean();
});

test('players with generated names wait until the host admits them', async ({
  visitors,
  hosting,
  stack,
}) => {
  const audit = new Audit();
  const run = await hosting.host.open(quizOf(ocean), {
    approve_players: true,
    names: 'generated',
  });
  const ada = await visitors.player(PHONE);
  await ada.follow(run.pin);
  const made = ada.page.getByTestId('generated-name');
  await expect(made).toBeVisible();
  const first = await made.innerText();
  await ada.page.getByRole('button', { name: 'Another nickname' }).click();
  await expect(made).not.toHaveText(first);
  const name = (await made.innerText()).trim();
  await audit.of('a name that was made up', ada.page);
  await ada.page.getByRole('button', { name: 'Join', exact: true }).click();
  await expect(ada.heading('Waiting to be let in')).toBeVisible();
  await audit.of('waiting', ada.page);

  const console_ = await onPhone(hosting.context, stack.url(), run.id);
  await expect(console_.page.getByText('1 is waiting').first()).toBeInViewport();
  await expect(console_.page.getByTestId('let-in')).toBeInViewport({ ratio: 1 });
  await console_.page.getByRole('button', { name: 'See who' }).click();
  await expect(console_.page.getByRole('region', { name: /^Waiting/ })).toBeInViewport();
  await audit.of('somebody waits', console_.page);
  // waiting survives a reload
  await ada.page.reload();
  await expect(ada.heading('Waiting to be let in')).toBeVisible();
  await console_.page.getByRole('button', { name: `Let in ${name}` }).click();
  await expect(ada.heading('You’re in!')).toBeVisible();
  await expect(ada.page.getByText(name).first()).toBeVisible();

  const bob = await visitors.player();
  await bob.follow(run.pin);
  await bob.page.getByRole('button', { name: 'Join', exact: true }).click();
  await expect(bob.heading('Waiting to be let in')).toBeVisible();
  await console_.page.getByRole('button', { name: /^Decline / }).click();
  await expect(out(bob)).toBeVisible();
  audit.isClean();
});

test('others see typed answers only once the host shows them', async ({
  visitors,
  hosting,
  stack,
}) => {
  const audit = new Audit();
  const run = await hosting.host.open(quizOf(whale), { moderate_answers: true, reveal_s: 60 });
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  const bob = await (await visitors.player()).join(run.pin, 'Bob');
  const screen = await Screen.open(hosting.context, stack.url(), run.id);
  const console_ = await Console.open(hosting.context, stack.url(), run.id);
  await run.command('start');
  await ada.type('Your answer', 'rude word');
  const panel = console_.page.getByRole('region', { name: 'Typed answers' });
  await panel.getByRole('button', { name: 'Show “rude word” to everyone' }).click();
  await panel.getByRole('button', { name: 'Hide “rude word”' }).click();
  await bob.type('Your answer', 'elephant');
  await expect(screen.page.getByText('Blue whale')).toBeVisible();
  await expect(bob.page.getByText('Blue whale')).toBeVisible();
  await expect(screen.page.getByText('elephant')).toBeHidden();
  await panel.getByRole('button', { name: 'Show “elephant” to everyone' }).click();
  await expect(screen.page.getByText('elephant')).toBeVisible();
  await audit.of('typed answers', console_.page);
  await screen.page.reload();
  await expect(screen.page.getByText('elephant')).toBeVisible();
  for (const page of [screen.page, bob.page])
    expect(await page.content()).not.toContain('rude word');
  audit.isClean();
});

test('a code moves a player to another device, and Back asks before leaving', async ({
  visitors,
  hosting,
  stack,
}) => {
  const audit = new Audit();
  const run = await hosting.host.open(quizOf(ocean));
  const old = await (await visitors.player(PHONE)).join(run.pin, 'Ada');

  await old.page.goBack();
  const asked = old.page.getByRole('dialog', { name: 'Leave the quiz?' });
  await audit.of('leaving', old.page);
  await asked.getByRole('button', { name: 'Stay' }).click();
  await expect(old.heading('You’re in!')).toBeVisible();
  await old.page.goBack();
  await asked.getByRole('button', { name: 'Leave' }).click();
  await old.page.goto(stack.url());
  await expect(old.heading('Back to your quiz')).toBeVisible();
  await audit.of('back to your quiz', old.page);
  await old.page.getByRole('link', { name: 'Continue as Ada' }).click();
  await expect(old.heading('You’re in!')).toBeVisible();

  await old.page.getByRole('button', { name: 'Continue on another device' }).last().click();
  const code = old.page.getByTestId('move-code');
  await expect(code).toBeVisible();
  await audit.of('a code', old.page);
  const fresh = await visitors.player();
  await fresh.page.goto(`${stack.url()}/move`);
  await fresh.page.getByLabel('Code').fill((await code.innerText()).toLowerCase());
  await audit.of('entering a code', fresh.page);
  await fresh.page.getByRole('button', { name: 'Continue here' }).click();
  await expect(fresh.heading('You’re in!')).toBeVisible();
  await expect(old.heading('You’re playing on another device now')).toBeVisible();
  await audit.of('moved', old.page);
  await old.page.goto(`${stack.url()}/play/${run.id}`);
  await expect(old.heading('You’re in!')).toBeHidden();
  audit.isClean();
});

test('the host locks the quiz and removes a player from the big screen and from a phone', async ({
  visitors,
  hosting,
  stack,
}) => {
  visitors.tolerate(STILL_OUT);
  const audit = new Audit();
  const run = await hosting.host.open(quizOf(ocean));
  const rude = await (await visitors.player(PHONE)).join(run.pin, 'Rudy');
  const screen = await Screen.open(hosting.context, stack.url(), run.id);
  await expect(screen.players).toContainText('1');
  await expect(screen.main.getByText('Rudy')).toBeVisible();
  await screen.page.keyboard.press('k');
  const people = screen.page.getByRole('dialog', { name: 'Players' });
  await people.getByRole('button', { name: 'Lock the quiz' }).click();
  await expect(people.getByRole('button', { name: 'Unlock the quiz' })).toBeVisible();
  await people.getByRole('button', { name: 'Remove Rudy' }).click();
  await people.getByRole('button', { name: 'Really? Remove Rudy' }).click();
  await expect(out(rude)).toBeVisible();
  await audit.of('people', screen.page);
  await people.getByRole('button', { name: 'Close' }).last().click();
  await expect(screen.main.getByText('Rudy', { exact: true })).toBeHidden();

  const late = await visitors.player();
  await tryAs(late, run.pin, 'Late');
  await expect(late.nickname).toBeHidden();
  const phone = await onPhone(hosting.context, stack.url(), run.id);
  await phone.press('Unlock');
  await expect(phone.controls.getByRole('button', { name: 'Lock', exact: true })).toBeVisible();
  await late.join(run.pin, 'Late');
  audit.isClean();
});
