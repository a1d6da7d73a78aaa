/** axe finds no violations in error and edge cases. */
import { Audit, COUNTDOWN_S } from './harness/audit.ts';
import { Host } from './harness/host.ts';
import { ocean, quizOf } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { CUT, DEVICES, expect, test } from './harness/test.ts';

// axe scans every element of many pages
test.describe.configure({ timeout: 240_000 });

for (const [device, options] of DEVICES) {
  test(`what players may meet, on ${device}`, async ({ visitors, hosting, stack }) => {
    visitors.tolerate(CUT);
    const run = await hosting.host.open(quizOf(ocean), { max_players: 1 });
    const ada = await (await visitors.player(options)).join(run.pin, 'Ada');
    const bo = await visitors.player(options);
    const audit = new Audit();
    const joining = async (pin: string, refusal: string): Promise<void> => {
      await bo.follow(pin);
      if (pin === run.pin) {
        await bo.nickname.fill('Bo');
        await bo.nickname.press('Enter');
      }
      await expect(bo.heading(refusal)).toBeVisible();
      await audit.of(refusal, bo.page);
    };

    await joining(run.pin, 'The quiz is full');
    await run.command('lock');
    await joining(run.pin, 'Joining is closed');
    await joining('00000000', 'No quiz with this PIN');
    await bo.page.goto(`${stack.url()}/play/${crypto.randomUUID()}`);
    await expect(bo.heading('You’re not in this quiz')).toBeVisible();
    await audit.of('no place', bo.page);
    for (const path of ['nowhere', 'host/nowhere']) {
      await bo.page.goto(`${stack.url()}/${path}`);
      await expect(bo.page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
    }
    await audit.of('no such page', bo.page);
    await bo.page.goto(`${stack.url()}/room-test`);
    await expect(bo.main.getByText('this device can play')).toBeVisible();
    await audit.of('test my room', bo.page);

    await ada.page.context().setOffline(true);
    await expect(ada.reconnecting).toBeVisible();
    await audit.of('reconnecting', ada.page);
    await ada.page.context().setOffline(false);
    await expect(ada.reconnecting).toBeHidden();
    await bo.page.goto(stack.url());
    await bo.page.context().setOffline(true);
    await expect(bo.page.getByText('You’re offline.')).toBeVisible();
    await audit.of('offline', bo.page);
    await bo.page.context().setOffline(false);

    const { page } = ada;
    const second = await page.context().newPage();
    await second.goto(page.url());
    await expect(ada.heading('You’re playing on another device')).toBeVisible();
    await audit.of('replaced', page);
    await second.close();
    await ada.follow(run.pin);
    await expect(page.getByRole('button', { name: 'Join as someone else' })).toBeVisible();
    await audit.of('a place of one’s own', page);
    await page.getByRole('link', { name: 'Continue as Ada' }).click();
    await expect(ada.heading('You’re in!')).toBeVisible();
    await run.kick('Ada');
    await expect(ada.heading('You were removed')).toBeVisible();
    await audit.of('removed', page);
    audit.isClean();
  });

  test(`a countdown, a run called off, a screen for others, on ${device}`, async ({
    visitors,
    stack,
  }) => {
    visitors.tolerate(CUT);
    const context = await visitors.context(options);
    const host = await Host.signUp(context, stack.url());
    const run = await host.open(quizOf(ocean), { countdown_s: COUNTDOWN_S });
    const screen = await Screen.open(context, stack.url(), run.id);
    const ada = await (await visitors.player(options)).join(run.pin, 'Ada');
    const audit = new Audit();
    await run.command('start');
    await expect(ada.heading('Get ready')).toBeVisible();
    await expect(screen.page.getByRole('timer')).toBeVisible();
    await audit.of('the countdown', ada.page, screen.page);
    await run.command('end');
    await expect(ada.heading('The quiz was cancelled')).toBeVisible();
    await expect(screen.heading('The quiz was cancelled')).toBeVisible();
    await audit.of('called off', ada.page, screen.page);

    const other = await visitors.context(options);
    await Host.signUp(other, stack.url());
    const foreign = await Screen.open(other, stack.url(), run.id);
    await expect(foreign.heading('You don’t have access to this.')).toBeVisible();
    await audit.of('the big screen of somebody else', foreign.page);
    audit.isClean();
  });
}
