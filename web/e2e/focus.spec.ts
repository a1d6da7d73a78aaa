/** Focus management after the focused element has disappeared: pauses, menus and dialogs. */
import type { Locator, Page } from '@playwright/test';

import { Audit } from './harness/audit.ts';
import { ocean, quizOf } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { expect, PHONE, test } from './harness/test.ts';

test('a pause takes the focus and then restores it', async ({ visitors, hosting }) => {
  const run = await hosting.host.open(quizOf(ocean));
  const ada = await (await visitors.player()).join(run.pin, 'Ada');
  const said = ada.page.getByRole('status').filter({ hasText: 'continues' });
  await run.command('start');
  await ada.sees(ocean.text);
  await ada.tile('Indian').focus();
  await run.command('pause');
  const sign = ada.page.getByRole('alertdialog', { name: 'Pause' });
  await expect(sign).toBeFocused();
  // nothing under the pause overlay can be reached
  for (let tabs = 0; tabs < 6; tabs++) await ada.page.keyboard.press('Tab');
  expect(await ada.page.evaluate(() => document.activeElement?.closest('main'))).toBeNull();
  await sign.focus();
  await run.command('resume');
  await expect(sign).toBeHidden();
  await expect(ada.tile('Indian')).toBeFocused();
  await expect(said).toBeAttached();
});

test('menus and dialogs work by keyboard and restore the focus', async ({
  hosting,
  stack,
  visitors,
}) => {
  const quiz = await hosting.host.createQuiz(quizOf(ocean));
  const run = await hosting.host.open(quiz, { approve_players: true });
  const page = await hosting.context.newPage();
  const go = (path: string): Promise<unknown> => page.goto(`${stack.url()}${path}`);
  const items = page.getByRole('menuitem');

  await test.step('every menu', async () => {
    const account = page.getByRole('button', { name: 'Grace' });
    await go('/host/quizzes');
    await worksByKeys(page, account);
    await worksByKeys(page, page.getByRole('button', { name: 'More actions for A short quiz' }));
    await go(`/host/quizzes/${quiz}`);
    await worksByKeys(page, page.getByRole('button', { name: 'Add a question' }));
    await go(`/host/runs/${run.id}`);
    await worksByKeys(page, page.getByRole('button', { name: 'More actions for this run' }));
  });

  await test.step('dialogs from a menu give the focus back to its button', async () => {
    const more = page.getByRole('button', { name: 'More actions for this run' });
    await more.press('ArrowDown');
    await expect(items.first()).toBeFocused();
    await page.keyboard.type('Key'); // typeahead
    await page.keyboard.press('Enter');
    await leftByEscape(page, more);
    await go('/host/quizzes');
    const forQuiz = page.getByRole('button', { name: 'More actions for A short quiz' });
    await forQuiz.press('ArrowDown');
    await expect(items.first()).toBeFocused();
    await page.keyboard.press('End');
    await expect(items.last()).toBeFocused();
    await page.keyboard.press('Enter');
    await leftByEscape(page, forQuiz);
  });

  await test.step('dialogs from a button give it back to that', async () => {
    for (const name of [/^From text/, /^Start\b/])
      await opensByKey(page, page.getByRole('button', { name }));
    await go(`/host/quizzes/${quiz}`);
    for (const name of ['Your pictures', 'Start a run'])
      await opensByKey(page, page.getByRole('button', { name, exact: true }));
    const ada = await visitors.player(PHONE);
    await ada.follow(run.pin);
    await ada.nickname.fill('Ada');
    await ada.page.getByRole('button', { name: 'Join', exact: true }).click();
    await go(`/host/runs/${run.id}`);
    await opensByKey(page, page.getByRole('button', { name: 'End', exact: true }));
    await page.getByRole('button', { name: 'Let in Ada' }).press('Enter');
    await opensByKey(page, page.getByRole('button', { name: 'Remove Ada' }));
    await opensByKey(page, page.getByRole('button', { name: 'Time for Ada' }));
    for (const name of ['Your settings', 'Continue on another device'])
      await opensByKey(ada.page, ada.page.getByRole('button', { name }).last());
  });

  await test.step('people at the big screen', async () => {
    const bo = await visitors.player(PHONE);
    await bo.follow(run.pin);
    await bo.nickname.fill('Bo');
    await bo.page.getByRole('button', { name: 'Join', exact: true }).click();
    const screen = await Screen.open(hosting.context, stack.url(), run.id);
    const people = screen.page.getByRole('button', { name: /^Players/ });
    await people.press('Enter');
    await expect(screen.page.getByRole('button', { name: 'Decline Bo' })).toBeVisible();
    const audit = new Audit();
    await audit.of('people who wait and people who are in', screen.page);
    audit.isClean();
    await leftByEscape(screen.page, people);
  });
});

async function worksByKeys(page: Page, opener: Locator): Promise<void> {
  const { keyboard } = page;
  const items = page.getByRole('menu').locator('[role^=menuitem]');
  await opener.press('Enter');
  await expect(items.first()).toBeFocused();
  await keyboard.press('End');
  await expect(items.last()).toBeFocused();
  await keyboard.press('ArrowDown'); // wraps around
  await expect(items.first()).toBeFocused();
  await keyboard.press('ArrowDown');
  await expect(items.nth(1)).toBeFocused();
  await keyboard.press('Escape');
  await expect(items).toHaveCount(0);
  await expect(opener).toBeFocused();
}

async function opensByKey(page: Page, opener: Locator): Promise<void> {
  await opener.press('Enter');
  await leftByEscape(page, opener);
}

/** The open dialog has the focus; Escape returns it to `opener`. */
async function leftByEscape(page: Page, opener: Locator): Promise<void> {
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  await expect(dialog.locator(':focus')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();
}
