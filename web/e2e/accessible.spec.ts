/** axe finds no violations from the PIN to the podium, on phones, desktops and the big screen. */
import { Audit } from './harness/audit.ts';
import { Host, type Run } from './harness/host.ts';
import type { Player } from './harness/player.ts';
import {
  bees,
  favourite,
  inventions,
  ocean,
  primes,
  quizOf,
  tower,
  welcome,
  whale,
  type Question,
} from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { expect, PHONE, test, type Hosting, type Visitors } from './harness/test.ts';

// axe scans every element of many pages
test.describe.configure({ timeout: 240_000 });

test('joining, and questions with options', async ({ visitors, hosting, stack }) => {
  const media = { url: `${stack.url()}/icon.svg`, alt: 'A mark' };
  const asked = [welcome, { ...ocean, media }, primes, bees, favourite];
  const run = await hosting.host.open(quizOf(...asked), { auto_advance: false });
  const audit = new Audit();
  const players = [await visitors.player(PHONE), await visitors.player()];
  const screens = await screensOf(run, hosting, visitors, stack.url());

  await audit.of('an empty lobby', ...pagesOf(screens));
  for (const [place, player] of players.entries()) {
    await player.page.goto(stack.url());
    const pin = player.page.getByLabel('Quiz PIN');
    await pin.fill('1');
    await pin.press('Enter');
    await expect(player.page.getByText('A PIN has 6 to 8 digits.')).toBeVisible();
    await audit.of('the PIN', player.page);
    await player.follow(run.pin);
    await player.nickname.fill(' ');
    await player.nickname.press('Enter');
    await expect(player.nickname).toHaveAttribute('aria-invalid', 'true');
    await audit.of('the name', player.page);
    await player.nickname.fill(`Player ${place + 1}`);
    await player.nickname.press('Enter');
    await expect(player.heading('You’re in!')).toBeVisible();
  }
  for (const screen of screens) await expect(screen.players).toHaveText('2');
  await audit.of('the lobby', ...pagesOf(players, screens));

  for (const [place, question] of asked.entries()) {
    await run.command(place === 0 ? 'start' : 'next');
    await audit.of(`a question (${question.type})`, ...(await seenBy(question, players, screens)));
    if (place === 1) {
      await run.command('pause');
      for (const player of players) await expect(player.heading('Pause')).toBeVisible();
      await audit.of('a pause', ...pagesOf(players, screens));
      await run.command('resume');
      await players[0]?.pick('Pacific');
      await players[0]?.isLockedIn();
      await audit.of('a locked answer', ...pagesOf(players.slice(0, 1)));
      await players[1]?.pick('Indian');
    } else {
      await run.command('skip');
    }
    await audit.of(`an answer (${question.type})`, ...(await toldTo(run, players, screens)));
  }
  audit.isClean();
});

test('typed and ordered answers, standings and podium', async ({ visitors, hosting, stack }) => {
  const asked = [tower, whale, inventions];
  const run = await hosting.host.open(quizOf(...asked, bees), { auto_advance: false });
  const audit = new Audit();
  const [ada, bo] = [await visitors.player(PHONE), await visitors.player()];
  await ada.join(run.pin, 'Ada');
  await bo.join(run.pin, 'Bo');
  const players = [ada, bo];
  const screens = await screensOf(run, hosting, visitors, stack.url());

  for (const [place, question] of asked.entries()) {
    await run.command(place === 0 ? 'start' : 'next');
    await audit.of(`a question (${question.type})`, ...(await seenBy(question, players, screens)));
    if (question === tower) {
      await bo.page.getByRole('button', { name: 'Send' }).click();
      await expect(bo.page.getByText('Enter a number.')).toBeVisible();
      await audit.of('a number that is missing', bo.page);
      await ada.type('Your number', '330');
    } else if (question === whale) await ada.type('Your answer', 'Blue whale');
    else await ada.order(...(inventions.options ?? []));
    await ada.isLockedIn();
    await run.command('skip');
    await audit.of(`an answer (${question.type})`, ...(await toldTo(run, players, screens)));
  }
  for (const { page } of screens) await page.mouse.move(9, 9);
  // All screens of a run share the setting, so one key press is enough; a second would hide them.
  await screens[0]?.page.keyboard.press('l');
  for (const screen of screens) await expect(screen.heading('Standings')).toBeVisible();
  await audit.of('the standings, with the controls', ...pagesOf(screens));
  await run.command('end');
  await expect(ada.heading('You won!')).toBeVisible();
  for (const { page } of screens)
    await expect(page.getByTestId('podium').getByText('👑')).toBeVisible();
  await audit.of('the podium', ...pagesOf(players, screens));
  audit.isClean();
});

/** The big screen at its largest and smallest sizes. */
async function screensOf(
  run: Run,
  { host, context }: Hosting,
  visitors: Visitors,
  url: string,
): Promise<Screen[]> {
  const phone = await visitors.context(PHONE);
  await Host.signIn(phone, url, host.email);
  return [await Screen.open(context, url, run.id), await Screen.open(phone, url, run.id)];
}

function pagesOf(...all: (Player | Screen)[][]): Player['page'][] {
  return all.flat().map(({ page }) => page);
}

async function seenBy(
  question: Question,
  ...all: (Player | Screen)[][]
): Promise<Player['page'][]> {
  for (const one of all.flat()) await one.sees(question.text);
  return pagesOf(...all);
}

/** The pages, once they show the result. */
async function toldTo(run: Run, players: Player[], screens: Screen[]): Promise<Player['page'][]> {
  await expect.poll(async () => (await run.view()).phase).toBe('reveal');
  const told = /Right!|Not this time|No answer|Thank you!|Moving on/;
  for (const player of players) await expect(player.heading(told)).toBeVisible();
  return pagesOf(players, screens);
}
