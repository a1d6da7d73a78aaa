/** Every refusal of a player has a message and a way to continue. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ocean, primes, quizOf } from './harness/quizzes.ts';
import { ROOT } from './harness/root.ts';
import { Screen } from './harness/screen.ts';
import { CUT, expect, PHONE, test } from './harness/test.ts';

test('a malformed or unknown PIN is refused before the nickname is asked for', async ({
  visitors,
  stack,
}) => {
  visitors.tolerate(CUT); // the server replies that there is no such quiz
  const player = await visitors.player(PHONE);
  const { page } = player;
  await page.goto(stack.url());
  await page.getByLabel('Quiz PIN').fill('12');
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page.getByText('A PIN has 6 to 8 digits.')).toBeVisible();
  await page.getByLabel('Quiz PIN').fill('000 000');
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page.getByText('No quiz has this PIN.')).toBeVisible();
  await player.follow('00000000');
  await expect(player.heading('No quiz with this PIN')).toBeVisible();
  await page.getByRole('link', { name: 'Another PIN' }).click();
  await expect(page.getByLabel('Quiz PIN')).toBeVisible();
});

test('a PIN can be pasted with surrounding text and punctuation, or as a link', async ({
  visitors,
  hosting,
  stack,
}) => {
  const run = await hosting.host.open(quizOf(ocean));
  const { page, nickname } = await visitors.player(PHONE).then((player) => ({
    page: player.page,
    nickname: player.nickname,
  }));
  const pin = `${run.pin.slice(0, 3)} ${run.pin.slice(3)}`;
  for (const pasted of [`\u2068${pin}\u2069`, `PIN: ${pin}`, `${stack.url()}/join/${run.pin}`]) {
    await page.goto(stack.url());
    await page.getByLabel('Quiz PIN').fill(pasted);
    await page.getByRole('button', { name: 'Next' }).click();
    await expect(nickname).toBeVisible();
    await expect(page.getByText('A short quiz')).toBeVisible();
  }
});

test('nobody can join a locked quiz until it is unlocked', async ({ visitors, hosting, stack }) => {
  const run = await hosting.host.open(quizOf(ocean));
  const screen = await Screen.open(hosting.context, stack.url(), run.id);
  await run.command('lock');
  await expect(screen.page.getByText('Joining is closed')).toBeVisible();
  const ada = await visitors.player(PHONE);
  await ada.follow(run.pin);
  await ada.nickname.fill('Ada');
  await ada.page.getByRole('button', { name: 'Join', exact: true }).click();
  await expect(ada.heading('Joining is closed')).toBeVisible();
  await run.command('unlock');
  await ada.page.getByRole('button', { name: 'Try again' }).click();
  await expect(ada.heading('You’re in!')).toBeVisible();
});

test('a full quiz says that it is full', async ({ visitors, hosting }) => {
  const run = await hosting.host.open(quizOf(ocean), { max_players: 1 });
  await visitors.player().then((player) => player.join(run.pin, 'Ada'));
  const bo = await visitors.player(PHONE);
  await bo.follow(run.pin);
  await bo.nickname.fill('Bo');
  await bo.page.getByRole('button', { name: 'Join', exact: true }).click();
  await expect(bo.heading('The quiz is full')).toBeVisible();
});

test('a taken nickname can be changed in its field', async ({ visitors, hosting }) => {
  const run = await hosting.host.open(quizOf(ocean));
  await visitors.player().then((player) => player.join(run.pin, 'Ada'));
  const other = await visitors.player(PHONE);
  await other.follow(run.pin);
  await other.nickname.fill('ada');
  await other.page.getByRole('button', { name: 'Join', exact: true }).click();
  await expect(other.nickname).toHaveAttribute('aria-invalid', 'true');
  await expect(other.nickname).toBeFocused();
  await other.nickname.fill('Bo');
  await other.page.getByRole('button', { name: 'Join', exact: true }).click();
  await expect(other.heading('You’re in!')).toBeVisible();
});

test('a latecomer sees the current question at once', async ({ visitors, hosting }) => {
  const run = await hosting.host.open(quizOf(ocean));
  await visitors.player().then((player) => player.join(run.pin, 'Ada'));
  await run.command('start');
  await expect.poll(async () => (await run.view()).phase).toBe('question');
  const late = await visitors.player(PHONE);
  await late.follow(run.pin);
  await late.nickname.fill('Late');
  await late.page.getByRole('button', { name: 'Join', exact: true }).click();
  await late.sees('Which ocean is the largest?');
  await late.pick('Pacific');
  await late.isLockedIn();
});

test('a removed player is told, and disappears from the big screen', async ({
  visitors,
  hosting,
  stack,
}) => {
  const run = await hosting.host.open(quizOf(ocean));
  const screen = await Screen.open(hosting.context, stack.url(), run.id);
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  await visitors.player().then((player) => player.join(run.pin, 'Bo'));
  await expect(screen.players).toHaveText('2');
  await run.kick('Ada');
  await expect(ada.heading('You were removed')).toBeVisible();
  await ada.page.reload();
  await expect(ada.heading('You were removed')).toBeVisible();
  await expect(screen.players).toHaveText('1');
  await expect(screen.page.getByRole('listitem').filter({ hasText: 'Ada' })).toBeHidden();
  await expect(screen.page.getByRole('listitem').filter({ hasText: 'Bo' })).toBeVisible();
});

test('a cancelled quiz and one that ends early say so', async ({ visitors, hosting, stack }) => {
  const off = await hosting.host.open(quizOf(ocean));
  const ada = await (await visitors.player(PHONE)).join(off.pin, 'Ada');
  const screen = await Screen.open(hosting.context, stack.url(), off.id);
  await off.command('end');
  await expect(ada.heading('The quiz was cancelled')).toBeVisible();
  await expect(screen.heading('The quiz was cancelled')).toBeVisible();
  visitors.tolerate(CUT); // the server replies that there is no such quiz
  const late = await visitors.player(PHONE);
  await late.follow(off.pin);
  await expect(late.heading(/This quiz is over|No quiz with this PIN/)).toBeVisible();

  const ended = await hosting.host.open(quizOf(ocean, primes));
  const bo = await (await visitors.player(PHONE)).join(ended.pin, 'Bo');
  await ended.command('start');
  await bo.sees('Which ocean is the largest?');
  await ended.command('end');
  await expect(bo.heading(/You won|The quiz is over/)).toBeVisible();
});

for (const locale of ['de', 'fr', 'es'] as const)
  test(`a refusal is said in the visitor’s language (${locale})`, async ({ visitors }) => {
    const texts = await textsOf(locale);
    const ada = await visitors.player({ ...PHONE, locale });
    visitors.tolerate(CUT); // the server replies that there is no such quiz
    await ada.follow('00000000');
    await expect(ada.heading(texts.player.refused.pin_unknown)).toBeVisible();
    await expect(ada.page.getByText(texts.errors.pin_unknown.advice)).toBeVisible();
    await expect(ada.page.locator('html')).toHaveAttribute('lang', locale);
  });

interface Texts {
  player: { refused: { pin_unknown: string } };
  errors: { pin_unknown: { advice: string } };
}

async function textsOf(locale: string): Promise<Texts> {
  const read = async (area: string): Promise<unknown> =>
    JSON.parse(await readFile(join(ROOT, 'web/src/locales', locale, `${area}.json`), 'utf8'));
  return { player: await read('player'), errors: await read('errors') } as Texts;
}
