/** A host-paced quiz as seen by players, the host and the room. */
import { Console } from '../e2e/harness/console.ts';
import type { Player } from '../e2e/harness/player.ts';
import { Screen } from '../e2e/harness/screen.ts';
import { Camera } from './camera.ts';
import { inTurn } from './guests.ts';
import { uploadFlags } from './picture.ts';
import { lesson } from './quizzes.ts';
import { CUT, expect, PHONE, test } from './test.ts';

const EACH = ['classroom-player', 'classroom-host', 'classroom-screen'] as const;
const camera = new Camera('classroom');

test('a lesson', async ({ visitors, hosting, guests, stack }) => {
  const { host, context } = hosting;
  const flags = await uploadFlags(context, stack.url());
  const settings = {
    auto_advance: false,
    reading_s: 60,
    leaderboard: 'asked',
    break_every: 3,
    break_s: 3600,
    own_extra_time: 0,
  } as const;
  const quiz = lesson(flags);
  const id = await host.createQuiz(quiz);
  const run = await host.open(id, settings);
  const ada = await visitors.player();
  const bo = await (await visitors.player(PHONE)).join(run.pin, 'Bo');
  await ada.join(run.pin, 'Ada');
  await guests.join(run, 18);
  const desk = await Console.open(context, stack.url(), run.id);
  const wall = await Screen.open(context, stack.url(), run.id);
  const pages = [ada.page, desk.page, wall.page];
  const take = async (name: string): Promise<void> => {
    for (const [place, area] of EACH.entries()) {
      const page = pages[place];
      if (page) await new Camera(area).take(name, around(page, area));
    }
  };
  const around = (page: typeof ada.page, area: (typeof EACH)[number]) =>
    area === 'classroom-screen' ? { wall: page } : { phone: page, desktop: page };

  await expect(desk.main.getByText('20 players are here')).toBeVisible();
  await take('00-lobby');
  await ownSettings(ada);
  await consoleDialogs(desk);

  await run.command('start');
  for (const [place, question] of quiz.questions.entries()) {
    const step = (name: string): Promise<void> => take(`${place + 1}-${name}`);
    await expect.poll(async () => (await run.view()).phase).toBe('question');
    await expect(ada.page.getByText('The answers open in')).toBeVisible();
    if (place < 2) await step('reading');
    await run.command('next');
    await expect(ada.page.getByText('The answers open in')).toBeHidden();
    const number = ada.page.getByLabel('Your number');
    if (question.type === 'number') await number.fill('1.234,5');
    if (place === quiz.questions.length - 1) {
      await expect(bo.heading('Time is up')).toBeVisible();
      await camera.take('time-is-up', { phone: bo.page });
    }
    await step(question.type);
    if (question.type === 'single') await guests.answer(place, inTurn(0, 1, 0, 2));
    if (question.type === 'text') {
      await guests.answer(place, inTurn('Blue whale', 'elephant', 'Whale', 'blue whale', 'Orca'));
    }
    await run.command('skip');
    await expect.poll(async () => (await run.view()).phase).toBe('reveal');
    await expect(ada.page.getByText('Counting the answers…')).toBeHidden();
    await step('reveal');
    if (place === 0) {
      await host.call('POST', `/runs/${run.id}/show-standings`);
      await expect(wall.heading('Standings')).toBeVisible();
      await step('standings');
    }
    await run.command('next');
    if (place === 2) {
      await expect(ada.heading('Break')).toBeVisible();
      await step('break');
      await run.command('next');
    }
  }
  await camera.take('finale', { phone: ada.page });
  await expect(ada.heading('The quiz is over')).toBeVisible();
  await take('99-end');
  await camera.take('own-answers', { phone: ada.page, desktop: ada.page }, true);
  const own = await ada.page
    .getByRole('link', { name: /Open your results page/ })
    .getAttribute('href');
  await ada.page.goto(own ?? '');
  await expect(ada.page.getByText('Place').first()).toBeVisible();
  await camera.take('review', { phone: ada.page, desktop: ada.page });

  const { page } = desk;
  await page.goto(`${stack.url()}/host/runs/${run.id}/report`);
  const matrix = page.getByRole('region', { name: 'All answers at a glance' });
  await expect(matrix.getByRole('row', { name: /Ada/ })).toBeVisible();
  const sizes = { phone: page, desktop: page };
  await camera.take('report', sizes);
  await matrix.scrollIntoViewIfNeeded();
  await camera.take('report-matrix', sizes);
  await page.locator('#question-0 summary').click();
  await page.getByRole('button', { name: 'Correct the answer…' }).first().click();
  await page.getByRole('dialog').getByLabel('Another right answer').check();
  await camera.take('report-correcting', sizes);
  await page.goto(`${stack.url()}/host/quizzes/${id}/runs`);
  await expect(page.getByRole('region', { name: 'Compare runs' })).toBeVisible();
  await camera.take('comparison', sizes);
});

async function ownSettings(player: Player): Promise<void> {
  await player.page.getByRole('button', { name: 'Your settings' }).click();
  const sheet = player.page.getByRole('dialog', { name: 'Your settings' });
  await sheet.getByRole('radio', { name: 'No time limit' }).check();
  await camera.take('own-settings', { phone: player.page, desktop: player.page });
  await sheet.getByRole('button', { name: 'Done' }).click();
  await expect(sheet).toBeHidden();
}

async function consoleDialogs({ page }: Console): Promise<void> {
  const sizes = { phone: page, desktop: page };
  await page.setViewportSize({ width: 1366, height: 768 });
  await page.getByRole('button', { name: 'Time for Ada' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await camera.take('console-extra-time', sizes);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More actions for this run' }).click();
  await camera.take('console-menu', sizes);
  await page.setViewportSize({ width: 1366, height: 768 });
  await page.keyboard.press('Escape');
}

test('phones with nothing but buttons, and no timer', async ({ visitors, hosting, stack }) => {
  const { host, context } = hosting;
  const flags = await uploadFlags(context, stack.url());
  const settings = { auto_advance: false, timer: false, phones: 'buttons' } as const;
  const run = await host.open(lesson(flags), settings);
  const ada = await (await visitors.player()).join(run.pin, 'Ada');
  const wall = await Screen.open(context, stack.url(), run.id);
  await run.command('start');
  for (const name of ['pictures', 'code', 'long']) {
    await expect.poll(async () => (await run.view()).phase).toBe('question');
    await expect(ada.page.getByRole('group', { name: 'Answers' })).toBeVisible();
    await camera.take(`buttons-${name}`, { phone: ada.page, desktop: ada.page });
    await camera.take(`no-timer-${name}`, { wall: wall.page });
    await run.command('skip');
    await expect.poll(async () => (await run.view()).phase).toBe('reveal');
    await run.command('next');
  }
});

test('beside the quiz', async ({ visitors, hosting, stack }) => {
  visitors.tolerate(CUT);
  const { host, context } = hosting;
  const page = await context.newPage();
  const sizes = { phone: page, desktop: page };
  await page.goto(`${stack.url().replace('localhost', 'play.example.org')}/room-test`);
  await expect(page.getByRole('main').getByText('this device can play')).toBeVisible({
    timeout: 60_000,
  });
  await camera.take('room-test', sizes);
  await page.goto(`${stack.url()}/host/quizzes`);
  await expect(page.getByText('Loading')).toBeHidden();
  await camera.take('library-first', sizes);
  await page.getByRole('button', { name: 'From text or a table' }).click();
  const text = page.getByRole('textbox', { name: 'Your questions' });
  await text.fill('1. Which is a star?\na) Moon\n*b) Sun\n\n2. Which is a moon?\n- Io\n- Sun\n');
  await expect(page.getByRole('heading', { name: '2 questions found' })).toBeVisible();
  await camera.take('import', sizes);
  const quiz = lesson(await uploadFlags(context, stack.url()));
  const id = await host.createQuiz(quiz);
  await page.goto(`${stack.url()}/host/quizzes`);
  await page
    .getByRole('button', { name: /^Start/ })
    .first()
    .click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await camera.take('start', sizes);
  await page.goto(`${stack.url()}/host/quizzes/${id}`);
  for (const [place, { text: asked = '' }] of quiz.questions.slice(0, 4).entries()) {
    await page.setViewportSize({ width: 1440, height: 900 });
    const list = page.getByRole('region', { name: 'Questions' });
    await list.getByRole('listitem').nth(place).locator('button, a').first().click();
    await camera.take(`editor-${place}`, sizes, asked === '');
  }
});
