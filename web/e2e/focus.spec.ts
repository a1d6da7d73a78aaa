/** Where the keyboard stands after what had the focus was covered. */
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
