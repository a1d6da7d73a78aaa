/** Malformed input on the host pages. */
import { Console } from './harness/console.ts';
import {
  HUNDRED_KB,
  IMAGE,
  isUntouched,
  paste,
  pasteEverywhere,
  SCRIPT,
} from './harness/hostile.ts';
import { everyType, ocean, quizOf, tower } from './harness/quizzes.ts';
import { CUT, expect, PHONE, test } from './harness/test.ts';

test('user-written text stays text from the library to the report', async ({
  visitors,
  hosting,
  stack,
}) => {
  visitors.tolerate(CUT); // the picture
  const { host, context } = hosting;
  const question = {
    ...ocean,
    text: `What is ${SCRIPT}?`,
    options: [IMAGE, '{{ 7 * 7 }}', '<b>bold</b>'],
    explanation: IMAGE,
    media: { url: `${stack.url()}/nothing.png`, alt: 'A horse in the snow' },
  };
  const quiz = { ...quizOf(question), title: `${SCRIPT} quiz` };
  const names = ['<i>Ada</i>', '👩‍🚀🌍🎉', 'محمد العربي'];
  const id = await host.createQuiz(quiz);

  const library = await context.newPage();
  await library.goto(`${stack.url()}/host/quizzes`);
  await expect(library.getByRole('link', { name: quiz.title, exact: true })).toBeVisible();
  const editor = await context.newPage();
  await editor.goto(`${stack.url()}/host/quizzes/${id}`);
  await expect(editor.getByText('A horse in the snow').last()).toBeVisible();
  await expect(editor.getByText(IMAGE).last()).toBeVisible();

  const run = await host.open(quiz, { auto_advance: false });
  const desk = await Console.open(context, stack.url(), run.id);
  const players = [];
  for (const name of names) players.push(await (await visitors.player(PHONE)).join(run.pin, name));
  for (const name of names)
    await expect(desk.main.locator('bdi').getByText(name, { exact: true }).first()).toBeVisible();
  await desk.press('Start');
  await desk.sees(question.text);
  await expect(desk.main.getByText('A horse in the snow')).toBeVisible();
  for (const player of players) await player.pick('<b>bold</b>');
  await expect(desk.bar('<b>bold</b>')).toContainText('3');
  await expect(desk.bar(IMAGE)).toContainText('0');
  await desk.press('Show final results');

  await desk.page.getByRole('link', { name: 'Open the report' }).click();
  await expect(desk.page.getByText(question.text).first()).toBeVisible();
  for (const name of names)
    await expect(desk.page.locator('bdi').getByText(name, { exact: true }).first()).toBeVisible();
  await isUntouched(library, editor, desk.page);
});

test('100 KB pasted into the account’s fields is refused at each field', async ({
  visitors,
  stack,
}) => {
  const page = await visitors.page();
  for (const [address, button, fields] of [
    ['sign-up', 'Create an account', 3],
    ['sign-in', 'Sign in', 2],
  ] as const) {
    await page.goto(`${stack.url()}/host/${address}`);
    await expect(page.getByLabel('Password')).toBeVisible();
    expect(await pasteEverywhere(page.getByRole('main'), HUNDRED_KB.length)).toBe(fields);
    await page.getByRole('main').getByRole('button', { name: button }).click();
    await expect(page.locator('[aria-invalid]')).toHaveCount(fields);
    await expect(page.locator('[aria-invalid]').first()).toBeFocused();
  }
});

test('100 KB pasted into the editor’s fields is cut to each field’s limit', async ({
  hosting,
  stack,
}) => {
  const id = await hosting.host.createQuiz(everyType);
  const page = await hosting.context.newPage();
  await page.goto(`${stack.url()}/host/quizzes/${id}`);
  await expect(page.getByLabel('Quiz title')).toHaveValue('Every type');
  for (const [place, { text, type }] of everyType.questions.entries()) {
    await page.getByRole('region', { name: 'Questions' }).getByText(text).click();
    const question = page.getByRole('region', { name: `Question ${place + 1}` });
    await expect(question.getByLabel(/^(Question|Slide text)$/)).toHaveValue(text);
    await page.getByRole('button', { name: 'Use a web address' }).click();
    const fields = await pasteEverywhere(question);
    expect(fields, type).toBeGreaterThanOrEqual(5);
    await expect(question.getByText(/takes [\d,]+ characters at most/).first()).toBeVisible();
  }
  // invalid numbers and URLs: the quiz is kept as a draft, and the problems are listed
  await expect(page.getByText('Saved as a draft. Before it can be played:')).toBeVisible();
  await page.reload();
  await page.getByRole('region', { name: 'Questions' }).getByText('Number').first().click();
  await expect(page.getByLabel('The right number')).toHaveValue(/^330word/);
});

test('pasting 100 KB into other fields leaves a host’s pages usable', async ({
  visitors,
  hosting,
  stack,
}) => {
  const { host, context } = hosting;
  const run = await host.open(quizOf(tower));
  const page = await context.newPage();
  await page.goto(`${stack.url()}/host/quizzes`);
  const search = page.getByRole('searchbox', { name: 'Search quizzes' });
  await paste(search, HUNDRED_KB);
  await expect(page.getByText('No quiz by that name')).toBeVisible();
  await search.fill('short');
  await page.getByRole('button', { name: /^Start\b.*A short quiz$/ }).click();
  const dialog = page.getByRole('dialog');
  expect(await pasteEverywhere(dialog)).toBe(5);
  await dialog.getByRole('button', { name: 'Open the lobby' }).click();
  await expect(dialog.locator('[aria-invalid]')).toHaveCount(5);

  const desk = await Console.open(context, stack.url(), run.id);
  await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  const players = desk.page.getByRole('searchbox', { name: 'Search players' });
  await paste(players, HUNDRED_KB);
  await expect(desk.page.getByText('No player by that name.')).toBeVisible();
  await players.fill('ada');
  await expect(desk.page.getByRole('button', { name: 'Remove Ada' })).toBeVisible();
});
