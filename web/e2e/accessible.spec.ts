/** axe finds nothing on any screen of players and on the big screen, in light and in dark. */
import { Audit } from './harness/audit.ts';
import { Host } from './harness/host.ts';
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
} from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { expect, PHONE, test } from './harness/test.ts';

const asked = [welcome, ocean, primes, bees, tower, whale, inventions];
/** Long enough to be looked at. */
const COUNTDOWN_S = 60;

for (const colorScheme of ['light', 'dark'] as const) {
  const look = { colorScheme };

  test(`a quiz from the PIN to the podium, in ${colorScheme}`, async ({ visitors, stack }) => {
    const context = await visitors.context(look);
    const host = await Host.signUp(context, stack.url());
    const media = { url: `${stack.url()}/icon.svg`, alt: 'A mark' };
    const questions = asked.map((one) => (one === ocean ? { ...one, media } : one));
    const run = await host.open(quizOf(...questions, favourite), { auto_advance: false });
    const screen = await Screen.open(context, stack.url(), run.id);
    const ada = await visitors.player({ ...PHONE, ...look });
    const bo = await (await visitors.player(look)).join(run.pin, 'Bo');
    const { page } = ada;
    const audit = new Audit();

    await page.goto(stack.url());
    const pin = page.getByLabel('Quiz PIN');
    await pin.fill('1');
    await pin.press('Enter');
    await expect(page.getByText('A PIN has 6 to 8 digits.')).toBeVisible();
    await audit.of('the PIN', page);
    await pin.fill(run.pin);
    await pin.press('Enter');
    await ada.nickname.fill('Bo');
    await ada.nickname.press('Enter');
    await expect(ada.nickname).toHaveAttribute('aria-invalid', 'true');
    await audit.of('the name', page);
    await ada.nickname.fill('Ada');
    await ada.nickname.press('Enter');
    await expect(screen.players).toHaveText('2');
    await audit.of('the lobby', page, screen.page);

    for (const [place, question] of asked.entries()) {
      await run.command(place === 0 ? 'start' : 'next');
      for (const one of [ada, screen]) await one.sees(question.text);
      await audit.of(`a question (${question.type})`, page, screen.page);
      if (question.type === 'single') {
        await run.command('pause');
        await expect(ada.heading('Pause')).toBeVisible();
        await audit.of('a pause', page, screen.page);
        await run.command('resume');
        await ada.pick('Pacific');
        await ada.isLockedIn();
        await audit.of('a locked answer', page);
        await bo.pick('Indian');
      } else {
        await run.command('skip');
      }
      await expect.poll(async () => (await run.view()).phase).toBe('reveal');
      await expect(ada.heading(question.text)).toBeHidden();
      await audit.of(`an answer (${question.type})`, page, bo.page, screen.page);
    }
    await screen.page.keyboard.press('l');
    await expect(screen.heading('Standings')).toBeVisible();
    await audit.of('the standings', screen.page);
    await run.command('end');
    await expect(ada.heading('You have won!')).toBeVisible();
    await expect(screen.page.getByTestId('podium').getByText('👑')).toBeVisible();
    await audit.of('the podium', page, screen.page);
    audit.isClean();
  });

  test(`what goes another way, in ${colorScheme}`, async ({ visitors, stack }) => {
    const context = await visitors.context(look);
    const host = await Host.signUp(context, stack.url());
    const run = await host.open(quizOf(ocean), { countdown_s: COUNTDOWN_S });
    const screen = await Screen.open(context, stack.url(), run.id);
    const ada = await (await visitors.player({ ...PHONE, ...look })).join(run.pin, 'Ada');
    const bo = await (await visitors.player(look)).join(run.pin, 'Bo');
    const audit = new Audit();

    await bo.follow(run.pin);
    await expect(bo.page.getByRole('button', { name: 'Join as somebody else' })).toBeVisible();
    await audit.of('a place of one’s own', bo.page);
    await bo.page.getByRole('link', { name: 'Go on as Bo' }).click();
    await expect(bo.heading('You are in!')).toBeVisible();
    await run.kick('Bo');
    await expect(bo.heading('You have been removed')).toBeVisible();
    await audit.of('removed', bo.page);
    await run.command('lock');
    // whoever was removed has no place here any more, and is asked for a name
    await bo.follow(run.pin);
    await bo.nickname.fill('Cleo');
    await bo.nickname.press('Enter');
    await expect(bo.heading('The doors are closed')).toBeVisible();
    await audit.of('locked out', bo.page);
    await bo.follow('00000000');
    await bo.nickname.fill('Cleo');
    await bo.nickname.press('Enter');
    await expect(bo.heading('No quiz with this PIN')).toBeVisible();
    await audit.of('no such quiz', bo.page);

    await run.command('start');
    await expect(ada.heading('Get ready')).toBeVisible();
    await expect(screen.page.getByRole('timer')).toBeVisible();
    await audit.of('the countdown', ada.page, screen.page);
    await run.command('end');
    await expect(ada.heading('The quiz did not take place')).toBeVisible();
    await expect(screen.heading('This quiz was called off')).toBeVisible();
    await audit.of('called off', ada.page, screen.page);
    audit.isClean();
  });
}
