/** A host's first minutes: an empty library, a sample, and a rehearsal without another device. */
import type { Page } from '@playwright/test';

import { Audit } from './harness/audit.ts';
import { Console } from './harness/console.ts';
import { Host } from './harness/host.ts';
import { ocean, quizOf } from './harness/quizzes.ts';
import { expect, PHONE, test } from './harness/test.ts';

const BOTS = 5;
const REHEARSAL = 'Rehearsal';

const bar = (page: Page) => page.getByRole('region', { name: REHEARSAL });

async function botsAreIn(page: Page): Promise<void> {
  await expect(bar(page).getByText(`${BOTS} of ${BOTS} bots have joined`)).toBeVisible();
}

test('a new host tries a sample quiz alone, from sign-up to podium', async ({
  visitors,
  stack,
}) => {
  test.setTimeout(180_000);
  visitors.tolerate(/409 \(Conflict\)/); // the run advanced by itself just before
  const audit = new Audit();
  const page = await visitors.page({ viewport: { width: 1366, height: 768 } });
  await page.goto(`${stack.url()}/host/sign-up`);
  await page.getByLabel('Your name').fill('Grace');
  await page.getByLabel('Email address').fill(`grace-${crypto.randomUUID()}@example.org`);
  await page.getByLabel('Password', { exact: true }).fill(Host.password);
  await page.getByRole('button', { name: 'Create an account' }).click();

  const first = page.getByRole('region', { name: 'Your first quiz' });
  for (const way of ['See the samples', 'Write your first quiz', 'Import', 'Try it alone'])
    await expect(first.getByRole('button', { name: way, exact: true }).first()).toBeVisible();
  await audit.of('the empty library', page);

  await first.getByRole('button', { name: 'See the samples' }).click();
  const dialog = page.getByRole('dialog', { name: 'New quiz' });
  await expect(dialog.getByRole('listitem')).toHaveCount(5);
  await audit.of('the samples', page);
  await dialog.getByRole('button', { name: /^Exit ticket/ }).click();
  await expect(page.getByLabel('Quiz title')).toHaveValue('Exit ticket: the water cycle');
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();

  await page.getByRole('button', { name: 'Try it alone' }).click();
  await botsAreIn(page);
  await audit.of('the rehearsal', page);
  const phone = page.frameLocator('iframe');
  await page.getByRole('button', { name: 'Play along' }).click();
  await phone.getByLabel('Nickname').fill('Grace');
  await phone.getByRole('button', { name: 'Join', exact: true }).click();
  await expect(phone.getByRole('heading', { name: 'You’re in!' })).toBeVisible();

  const desk = new Console(page);
  await desk.press('Start');
  await phone.getByRole('button', { name: 'False' }).click();
  await expect(page.getByText(/^\d of 6 right/)).toBeVisible();
  await desk.press('Next question');
  await desk.sees('What is it called when water vapour');
  await expect(desk.main.getByText('5 of 6').first()).toBeVisible();
  for (;;) {
    const over = page.getByRole('link', { name: 'Open the report' });
    const step = desk.controls.getByRole('button', {
      name: /^(End question now|Next question|Show final results)$/,
    });
    await expect(over.or(step).first()).toBeVisible();
    if (await over.isVisible()) break;
    await step.click({ timeout: 2_000 }).catch(() => undefined); // it may have advanced by itself
  }
  await expect(bar(page).getByText('The rehearsal is over.')).toBeVisible();
  await expect(phone.getByRole('heading', { name: /podium|won|over/i }).first()).toBeVisible();
  await audit.of('the end of a rehearsal', page);

  await page.getByRole('link', { name: 'Open the report' }).click();
  await expect(desk.main.getByText(REHEARSAL, { exact: true })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Players who need help' })).toHaveCount(0);
  await audit.of('the report of a rehearsal', page);
  await page.goto(`${stack.url()}/host/runs`);
  await expect(desk.main.getByText(REHEARSAL, { exact: true })).toBeVisible();
  await page.goto(`${stack.url()}/host/quizzes`);
  await expect(page.getByText('never run')).toBeVisible();
  audit.isClean();
});

test('bots keep their seats after a reload, and no new ones join', async ({ hosting, stack }) => {
  const { host, context } = hosting;
  await host.createQuiz({ ...quizOf(ocean), title: 'Oceans' });
  const page = await context.newPage();
  await page.goto(`${stack.url()}/host/quizzes`);
  await page.getByRole('button', { name: 'More actions for Oceans' }).click();
  await page.getByRole('menuitem', { name: 'Try it alone' }).click();
  await botsAreIn(page);
  await page.reload();
  await botsAreIn(page);
  const desk = new Console(page);
  await expect(desk.main.getByText(`${BOTS} players`).first()).toBeVisible();
  await desk.press('Start');
  await expect(desk.main.getByText(/^\d of 5 right/)).toBeVisible();
});

test('bots wait for admission like players, also with generated names', async ({
  hosting,
  stack,
}) => {
  const run = await hosting.host.open(quizOf(ocean), {
    approve_players: true,
    names: 'generated',
    reading_s: 2,
    auto_advance: false,
    rehearsal: true,
  });
  const page = await hosting.context.newPage();
  await page.goto(`${stack.url()}/host/runs/${run.id}/rehearsal`);
  await expect(bar(page).getByText('The bots wait until you let them in.')).toBeVisible();
  await expect(async () => {
    const all = page.getByRole('button', { name: 'Let everyone in' });
    if (await all.isVisible()) await all.click();
    await expect(bar(page).getByText(`${BOTS} of ${BOTS} bots have joined`)).toBeVisible({
      timeout: 3_000,
    });
  }).toPass({ timeout: 40_000 });
  await expect(page.getByText('Bot Ada')).toHaveCount(0);
  await new Console(page).press('Start');
  await expect(page.getByText(/^\d of 5 right/)).toBeVisible();
});

test('a run with real players never gets bots', async ({ hosting, stack }) => {
  const run = await hosting.host.open(quizOf(ocean));
  const page = await hosting.context.newPage();
  await page.goto(`${stack.url()}/host/runs/${run.id}/rehearsal`);
  await expect(page).toHaveURL(`${stack.url()}/host/runs/${run.id}`);
  await expect(new Console(page).controls).toBeVisible();
  await expect(bar(page)).toHaveCount(0);
  expect((await run.view()).players).toBe(0);
});

test('on a phone, the console and the rehearsal’s player view take turns', async ({
  visitors,
  stack,
}) => {
  const context = await visitors.context({ ...PHONE, viewport: { width: 320, height: 640 } });
  const host = await Host.signUp(context, stack.url());
  const run = await host.open(quizOf(ocean), { rehearsal: true });
  const page = await context.newPage();
  await page.goto(`${stack.url()}/host/runs/${run.id}/rehearsal`);
  const audit = new Audit();
  await botsAreIn(page);
  await audit.of('the rehearsal', page);
  await page.getByRole('button', { name: 'Phone', exact: true }).click();
  await expect(new Console(page).controls).toBeHidden();
  await page.getByRole('button', { name: 'Play along' }).click();
  await expect(page.frameLocator('iframe').getByLabel('Nickname')).toBeVisible();
  await audit.of('the phone of a rehearsal', page);
  await page.goto(`${stack.url()}/host/quizzes`);
  await page.getByRole('button', { name: 'New quiz' }).click();
  await expect(page.getByRole('dialog').getByRole('listitem')).toHaveCount(5);
  await audit.of('the samples', page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(320);
  audit.isClean();
});
