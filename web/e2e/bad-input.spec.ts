/** User-supplied texts and pictures never break a page. */
import { HUNDRED_KB, IMAGE, isUntouched, paste, SCRIPT } from './harness/hostile.ts';
import { ocean, quizOf, tower, whale } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { CUT, expect, PHONE, test } from './harness/test.ts';

test('markup in a quiz is shown as text to players and on the big screen', async ({
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
  await isUntouched(ada.page, screen.page);
});

test('a picture that fails to load is replaced by its description', async ({
  visitors,
  hosting,
  stack,
}) => {
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

test('emoji and right-to-left names do not affect the text beside them', async ({
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

test('pasting 100 KB into any of a player’s fields leaves the page usable', async ({
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
  await expect(ada.heading('You’re in!')).toBeVisible();

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
