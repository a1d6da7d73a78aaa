/** A player with only a keyboard, and a blind player. */
import type { Locator, Page } from '@playwright/test';

import { bees, everyType, inventions, ocean, quizOf } from './harness/quizzes.ts';
import { expect, test } from './harness/test.ts';

const MOST_TABS = 40;

test('the keyboard alone is enough from the PIN to the podium', async ({
  visitors,
  hosting,
  stack,
}) => {
  const run = await hosting.host.open(everyType, { auto_advance: false });
  const player = await visitors.player();
  const { page } = player;
  const { keyboard } = page;
  const next = async (question: string): Promise<void> => {
    await expect.poll(async () => (await run.view()).phase).toBe('reveal');
    await run.command('next');
    await player.sees(question);
  };

  await page.goto(stack.url());
  await tabTo(page, page.getByLabel('Quiz PIN'));
  await keyboard.type(run.pin);
  await keyboard.press('Enter');
  await expect(player.nickname).toBeFocused();
  await keyboard.type('Ada');
  await keyboard.press('Enter');
  await expect(player.heading('You’re in!')).toBeVisible();

  await run.command('start');
  await player.sees('Ready?');
  await run.command('skip');

  await next('Which ocean is the largest?');
  // a page-wide key would be pressed too easily by accident
  await keyboard.press('1');
  await expect(player.lockedIn).toBeHidden();
  await tabTo(page, player.tile('Atlantic'));
  await keyboard.press('3');
  await expect(player.heading('Right!')).toBeVisible();

  await next('Which of these are prime?');
  await tabTo(page, player.tile('Two'));
  await keyboard.press('1');
  await keyboard.press('2');
  await keyboard.press('3');
  await keyboard.press('2');
  await expect(player.tile('Nine')).toHaveAttribute('aria-pressed', 'false');
  await tabTo(page, page.getByRole('button', { name: 'Send 2' }));
  await keyboard.press('Enter');
  await expect(player.heading('Right!')).toBeVisible();

  await next('Honey bees dance');
  await tabTo(page, player.tile('True'));
  await keyboard.press('Space');
  await expect(player.heading('Right!')).toBeVisible();

  await next('How tall is the Eiffel Tower');
  await tabTo(page, page.getByLabel('Your number'));
  await keyboard.type('330');
  await keyboard.press('Enter');
  await expect(player.heading('Right!')).toBeVisible();

  await next('Which animal is the heaviest');
  await tabTo(page, page.getByLabel('Your answer'));
  await keyboard.type('Blue whale');
  await keyboard.press('Enter');
  await expect(player.heading('Right!')).toBeVisible();

  await next('Put these inventions in order');
  for (const [place, text] of (inventions.options ?? []).entries()) {
    let from = (await player.rows()).indexOf(text);
    if (from === place) continue;
    await tabTo(page, player.tile(text));
    for (; from > place; from--) await keyboard.press('Alt+ArrowUp');
  }
  expect(await player.rows()).toEqual(inventions.options);
  await tabTo(page, page.getByRole('button', { name: 'Send' }));
  await keyboard.press('Enter');
  await expect(player.heading('Right!')).toBeVisible();

  await next('Which kind of question');
  await tabTo(page, player.tile('Choices'));
  await keyboard.press('2');
  await expect(player.heading('Thank you!')).toBeVisible();
  await run.command('next');
  await expect(player.heading('You won!')).toBeVisible();
  await tabTo(page, page.getByRole('link', { name: 'Play another quiz' }));
  await keyboard.press('Enter');
  await expect(page.getByLabel('Quiz PIN')).toBeVisible();
});

test('a screen reader announces the question, the time and the result', async ({
  visitors,
  hosting,
}) => {
  const run = await hosting.host.open(quizOf({ ...ocean, time_limit_s: 12 }, bees), {
    auto_advance: false,
  });
  const ada = await (await visitors.player()).join(run.pin, 'Ada');
  const said = ada.page.locator('[aria-live].visually-hidden');
  await run.command('start');
  await expect(said.filter({ hasText: 'Which ocean is the largest?' })).toContainText(
    /Question 1 of 2\. .* 12 seconds\./,
  );
  await expect(said.filter({ hasText: /^\d+ seconds left$/ })).toBeAttached();
  await ada.pick('Pacific');
  await expect(said.filter({ hasText: 'Right!' })).toContainText(/[\d,]+ points\./);
});

async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let tabs = 0; tabs < MOST_TABS; tabs++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${String(target)}.`);
}
