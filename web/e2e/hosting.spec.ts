/** A host from the first visit to the report, with the console. */
import { Console } from './harness/console.ts';
import { Host } from './harness/host.ts';
import { everyType, ocean, primes, quizOf } from './harness/quizzes.ts';
import { CUT, expect, PHONE, test } from './harness/test.ts';

test('a new host signs up, writes a quiz, runs it and reads the report', async ({
  visitors,
  stack,
}) => {
  const page = await visitors.page();
  await page.goto(`${stack.url()}/host`);
  await page.getByRole('link', { name: 'Start hosting' }).click();
  await page.getByLabel('Your name').fill('Grace');
  await page.getByLabel('Email address').fill(`grace-${crypto.randomUUID()}@example.org`);
  await page.getByLabel('Password').fill(Host.password);
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByRole('button', { name: 'Write your first quiz' }).click();

  await test.step('the quiz', async () => {
    await page.getByLabel('Quiz title').fill('Oceans');
    const question = page.getByRole('region', { name: 'Question 1' });
    await question.getByLabel('Question', { exact: true }).fill('Which ocean is the largest?');
    for (const [place, text] of ['Atlantic', 'Pacific'].entries())
      await question.getByLabel(`Answer ${place + 1}`, { exact: true }).fill(text);
    await question.getByLabel('Answer 2 is right').check({ force: true });
    await page.getByRole('button', { name: 'Add a question' }).click();
    await page.getByRole('menuitem', { name: 'Number Typed, with a tolerance' }).click();
    const number = page.getByRole('region', { name: 'Question 2' });
    await number.getByLabel('Question', { exact: true }).fill('How many oceans are there?');
    await number.getByLabel('The right number').fill('5');
    await expect(page.getByText('Saved', { exact: true })).toBeVisible();
    await page.reload();
    await expect(page.getByLabel('Quiz title')).toHaveValue('Oceans');
    await expect(page.getByText('How many oceans are there?').first()).toBeVisible();
  });

  await page.getByRole('button', { name: 'Start a run' }).click();
  await page.getByText('Manual').click();
  await page.getByLabel('Countdown (seconds)').fill('0');
  await page.getByRole('button', { name: 'Open the lobby' }).click();
  const desk = new Console(page);
  await expect(desk.controls).toBeVisible();
  const pin = await desk.pin();
  const ada = await (await visitors.player(PHONE)).join(pin, 'Ada');

  await test.step('the run', async () => {
    await expect(desk.main.getByText('Ada').first()).toBeVisible();
    await desk.press('Start');
    await ada.pick('Pacific');
    await expect(ada.heading('Right!')).toBeVisible();
    await desk.press('Next question');
    await ada.type('Your number', '7');
    await desk.press('Show final results');
    await expect(ada.heading('You won!')).toBeVisible();
  });

  await test.step('the report', async () => {
    await page.getByRole('link', { name: 'Open the report' }).click();
    await expect(page.getByRole('heading', { name: 'Hardest questions' })).toBeVisible();
    await expect(
      page.getByRole('cell', { name: 'Ada' }).or(page.getByText('Ada')).first(),
    ).toBeVisible();
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'CSV' }).click();
    const file = await (await downloading).createReadStream();
    let text = '';
    for await (const part of file) text += String(part);
    expect(text).toContain('Ada');
    expect(text).toContain('How many oceans are there?');
  });
});

test('a host reloads during a question and continues on another device', async ({
  visitors,
  hosting,
  stack,
}) => {
  const { host, context } = hosting;
  const run = await host.open(quizOf(ocean, primes), { auto_advance: false });
  const desk = await Console.open(context, stack.url(), run.id);
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  await (await visitors.player()).join(run.pin, 'Bo');
  await desk.press('Start');
  await ada.pick('Pacific');
  await ada.isLockedIn();
  await expect(desk.bar('Pacific')).toContainText('1');
  await desk.page.reload();
  await desk.sees('Which ocean is the largest?');
  await expect(desk.bar('Pacific')).toContainText('1');
  await desk.press('Pause');
  // players who have answered still see the question
  const paused = ada.page.getByText(/^Paused The quiz continues/);
  await expect(paused).toBeVisible();

  const phone = await visitors.page(PHONE);
  await phone.goto(`${stack.url()}/host/runs/${run.id}`);
  await phone.getByLabel('Email address').fill(host.email);
  await phone.getByLabel('Password').fill(Host.password);
  await phone.getByLabel('Password').press('Enter');
  const other = new Console(phone);
  await other.press('Resume');
  await expect(paused).toBeHidden();
  await other.press('End question now');
  await expect(ada.heading('Right!')).toBeVisible();
  await expect(desk.main.getByText('1 of 1 right')).toBeVisible();
  await other.press('Next question');
  await desk.sees('Which of these are prime?');
});

test('a host locks the quiz, removes a player and ends the quiz', async ({
  visitors,
  hosting,
  stack,
}) => {
  visitors.tolerate(/403 \(Forbidden\)/); // a removed player polls whether they may return
  const run = await hosting.host.open(quizOf(ocean, primes), { auto_advance: false });
  const desk = await Console.open(hosting.context, stack.url(), run.id);
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  const bo = await (await visitors.player()).join(run.pin, 'Bo');
  await desk.press('Lock');
  await expect(desk.main.getByText('Locked: nobody else can join.')).toBeVisible();
  await desk.page.getByRole('button', { name: 'Remove Bo' }).click();
  await desk.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(bo.heading('You were removed')).toBeVisible();
  await desk.press('Start');
  await ada.sees('Which ocean is the largest?');
  await desk.press('End');
  await desk.page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
  await expect(ada.heading(/You won|The quiz is over/)).toBeVisible();
  await expect(desk.main.getByText('1 player took part.')).toBeVisible();
});

test('a quiz’s problems are shown beside their fields, and unsaved changes survive a reload', async ({
  visitors,
  hosting,
  stack,
}) => {
  visitors.tolerate(CUT);
  const quiz = await hosting.host.createQuiz(everyType);
  const page = await hosting.context.newPage();
  await page.goto(`${stack.url()}/host/quizzes/${quiz}`);
  const title = page.getByLabel('Quiz title');
  await expect(title).toHaveValue('Every type');
  await title.fill('');
  await title.blur();
  await expect(title).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByText('Saved as a draft. Before it can be played:')).toBeVisible();
  await page.reload();
  await expect(title).toHaveValue('');
  await title.fill('<script>alert(1)</script>');
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();

  // 100 KB are truncated, with a notice
  await title.fill('');
  await title.focus();
  await page.keyboard.insertText('word '.repeat(20_000));
  await expect(page.getByText(/takes \d+ characters at most/)).toBeVisible();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();

  await page.context().setOffline(true);
  await title.fill('Written without a network');
  await expect(page.getByText('The server can’t be reached.').first()).toBeVisible();
  await page.context().setOffline(false);
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await page.goto(`${stack.url()}/host/quizzes`);
  await expect(page.getByText('Written without a network').first()).toBeVisible();
});
