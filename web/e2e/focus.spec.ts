/** Where the keyboard stands after what was in focus has gone: pauses, menus and dialogs. */
import { Console } from './harness/console.ts';
import { ocean, quizOf } from './harness/quizzes.ts';
import { expect, test } from './harness/test.ts';

test('a pause takes the focus, and gives it back where it was', async ({ visitors, hosting }) => {
  const run = await hosting.host.open(quizOf(ocean));
  const ada = await (await visitors.player()).join(run.pin, 'Ada');
  const said = ada.page.getByRole('status').filter({ hasText: 'goes on' });
  await run.command('start');
  await ada.sees(ocean.text);
  await ada.tile('Indian').focus();
  await run.command('pause');
  const sign = ada.page.getByRole('alertdialog', { name: 'Pause' });
  await expect(sign).toBeFocused();
  // nothing under the pause can be reached
  for (let tabs = 0; tabs < 6; tabs++) await ada.page.keyboard.press('Tab');
  expect(await ada.page.evaluate(() => document.activeElement?.closest('main'))).toBeNull();
  await sign.focus();
  await run.command('resume');
  await expect(sign).toBeHidden();
  await expect(ada.tile('Indian')).toBeFocused();
  await expect(said).toBeAttached();
});

test('menus open, move and close by keys, and what they open gives the focus back', async ({
  hosting,
  stack,
}) => {
  const run = await hosting.host.open(quizOf(ocean));
  const { page } = await Console.open(hosting.context, stack.url(), run.id);
  const { keyboard } = page;
  const opener = page.getByRole('button', { name: 'More for this run' });
  const items = page.getByRole('menuitem');

  await opener.focus();
  await keyboard.press('Enter');
  await expect(items.first()).toBeFocused();
  await keyboard.press('ArrowDown');
  await expect(items.nth(1)).toBeFocused();
  await keyboard.press('End');
  await expect(page.getByRole('menuitemradio').last()).toBeFocused();
  await keyboard.press('Escape');
  await expect(items).toHaveCount(0);
  await expect(opener).toBeFocused();

  await keyboard.press('ArrowDown');
  await expect(items.first()).toBeFocused();
  await keyboard.type('Key'); // the first letters of what is wanted
  await expect(page.getByRole('menuitem', { name: 'Keyboard' })).toBeFocused();
  await keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: /key/i });
  await expect(dialog).toBeVisible();
  expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);

  await test.step('single keys can be turned off, and stay off', async () => {
    const keys = dialog.getByRole('switch');
    await keys.focus();
    await keyboard.press('Space');
    await expect(keys).not.toBeChecked();
    await keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(opener).toBeFocused();
    await keyboard.press('?');
    await page.reload();
    await expect(page.getByRole('group', { name: 'Controls' })).toBeVisible();
    await keyboard.press('?');
    await keyboard.press('l');
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('button', { name: 'Lock', exact: true })).toBeVisible();
  });
});
