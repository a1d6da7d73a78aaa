/** Texts and pictures that others have made: whatever they are, the pages hold. */
import type { Locator } from '@playwright/test';

import { Host } from './harness/host.ts';
import { ocean, quizOf, tower, whale } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { CUT, expect, PHONE, test } from './harness/test.ts';

const SCRIPT = '<script>window.hacked = 1</script>';
const IMAGE = '<img src=x onerror="window.hacked = 1">';
const HUNDRED_KB = 'word '.repeat(20_000);

test('markup in a quiz is text, for players and on the big screen', async ({
  visitors,
  hosting,
  stack,
}) => {
  const run = await hosting.host.open(
    {
      title: `${SCRIPT} quiz`,
      questions: [
        {
          ...ocean,
          text: `What is ${SCRIPT}?`,
          options: [IMAGE, '{{ 7 * 7 }}', '<b>bold</b>'],
          explanation: IMAGE,
        },
      ],
    },
    { auto_advance: false },
  );
  const ada = await (await visitors.player(PHONE)).join(run.pin, '<i>Ada</i>');
  const screen = await Screen.open(hosting.context, stack.url(), run.id);
  await expect(screen.main.getByText('<i>Ada</i>')).toBeVisible();
  await expect(screen.heading(`${SCRIPT} quiz`)).toBeVisible();
  await run.command('start');
  await Promise.all([ada, screen].map((one) => one.sees(`What is ${SCRIPT}?`)));
  for (const text of [IMAGE, '{{ 7 * 7 }}', '<b>bold</b>']) {
    await expect(ada.tile(text)).toBeVisible();
    await expect(screen.option(text)).toBeVisible();
  }
  await ada.pick('<b>bold</b>');
  await expect(ada.heading('Right!')).toBeVisible();
  await expect(screen.main.getByText(IMAGE).last()).toBeVisible();
  for (const { page } of [ada, screen])
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
});

test('a picture that does not load is told in words', async ({ visitors, hosting, stack }) => {
  visitors.tolerate(CUT);
  const run = await hosting.host.open(
    quizOf({ ...ocean, media: { url: `${stack.url()}/nothing.png`, alt: 'A horse in the snow' } }),
  );
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  const screen = await Screen.open(hosting.context, stack.url(), run.id);
  await run.command('start');
  await Promise.all([ada, screen].map((one) => one.sees('Which ocean is the largest?')));
  for (const { main } of [ada, screen])
    await expect(main.getByText('A horse in the snow')).toBeVisible();
  await ada.pick('Pacific');
  await expect(ada.heading('Right!')).toBeVisible();
});

test('names in emoji and from right to left stay whole beside the others', async ({
  visitors,
  hosting,
  stack,
}) => {
  const names = ['👩‍🚀🌍🎉', 'محمد العربي', 'שָׁלוֹם a\u0301\u0323bc'];
  const run = await hosting.host.open(quizOf(ocean));
  const screen = await Screen.open(hosting.context, stack.url(), run.id);
  for (const name of names) {
    const player = await (await visitors.player(PHONE)).join(run.pin, name);
    const shown = name.normalize('NFC');
    await expect(player.main.getByText(shown, { exact: true })).toBeVisible();
    await expect(screen.main.locator('bdi').getByText(shown, { exact: true })).toBeVisible();
  }
  await expect(screen.players).toHaveText(String(names.length));
});

test('100 KB pasted into any field of a player leave it usable', async ({
  visitors,
  hosting,
  stack,
}) => {
  const run = await hosting.host.open(quizOf(tower, whale), { auto_advance: false });
  const ada = await visitors.player(PHONE);
  await ada.page.goto(stack.url());
  const pin = ada.page.getByLabel('Quiz PIN');
  await paste(pin, HUNDRED_KB);
  await pin.press('Enter');
  await expect(ada.page.getByText('A PIN has 6 to 8 digits.')).toBeVisible();
  await pin.fill(run.pin);
  await pin.press('Enter');

  await paste(ada.nickname, HUNDRED_KB);
  await ada.nickname.press('Enter');
  await expect(ada.nickname).toHaveAttribute('aria-invalid', 'true');
  await ada.nickname.fill('Ada');
  await ada.nickname.press('Enter');
  await expect(ada.heading('You are in!')).toBeVisible();

  await run.command('start');
  const number = ada.page.getByLabel('Your number');
  await paste(number, HUNDRED_KB);
  await number.press('Enter');
  await expect(ada.page.getByText('Enter a number.')).toBeVisible();
  await number.fill('330');
  await number.press('Enter');
  await expect(ada.heading('Right!')).toBeVisible();

  await run.command('next');
  const text = ada.page.getByLabel('Your answer');
  await paste(text, HUNDRED_KB);
  await text.press('Enter');
  await expect(ada.heading('Not this time')).toBeVisible();
});

test('100 KB pasted into any field of a host leave it usable', async ({ visitors, stack }) => {
  const page = await visitors.page();
  await page.goto(`${stack.url()}/host/sign-up`);
  const name = page.getByLabel('Your name');
  const address = page.getByLabel('E-mail address');
  const password = page.getByLabel('Password');
  for (const field of [name, address, password]) await paste(field, HUNDRED_KB);
  await page.getByRole('button', { name: 'Create an account' }).click();
  await expect(address).toHaveAttribute('aria-invalid', 'true');
  await name.fill('Grace');
  await address.fill(`grace-${crypto.randomUUID()}@example.org`);
  await password.fill(Host.password);
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByRole('button', { name: 'Write your first quiz' }).click();

  const question = page.getByRole('region', { name: 'Question 1' });
  const fields = [
    page.getByLabel('Title of the quiz'),
    question.getByLabel('Question', { exact: true }),
    question.getByLabel('Answer 1', { exact: true }),
    question.getByLabel('Answer 2', { exact: true }),
  ];
  for (const field of fields) {
    await field.fill('');
    await paste(field, HUNDRED_KB);
    await expect(page.getByText(/fit; the rest was cut off/).last()).toBeVisible();
    expect((await field.inputValue()).length).toBeLessThan(5_000);
  }
  await question.getByLabel('Answer 1', { exact: true }).fill('Another one');
  await question.getByLabel('Answer 2 is right').check({ force: true });
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
});

/** As if by Ctrl+V: at once, within the field's own limits. */
async function paste(field: Locator, text: string): Promise<void> {
  await field.focus();
  await field.page().keyboard.insertText(text);
}
