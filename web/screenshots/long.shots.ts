/** German, the language with the longest texts, with long questions and a right-to-left one. */
import { Host } from '../e2e/harness/host.ts';
import { Screen } from '../e2e/harness/screen.ts';
import { Camera } from './camera.ts';
import { long } from './quizzes.ts';
import { expect, PHONE, test } from './test.ts';

const camera = new Camera('long');

test('long texts', async ({ visitors, browser, hosting, guests, stack }) => {
  const { host } = hosting;
  const run = await host.open(long, { auto_advance: false });
  const german = { locale: 'de-DE' };
  const player = await visitors.page({ ...PHONE, ...german });
  const desk = await browser.newContext(german);
  await Host.signIn(desk, stack.url(), host.email);
  const screen = await Screen.open(desk, stack.url(), run.id);
  const console = await desk.newPage();
  await console.goto(`${stack.url()}/host/runs/${run.id}`);
  const all = { phone: player, wall: screen.page };

  await player.goto(`${stack.url()}/join/${run.pin}`);
  await camera.take('name', { phone: player });
  await player.getByRole('textbox').fill('Hubert Blaine Wolfeschle');
  await player.getByRole('textbox').press('Enter');
  await expect(player.getByText('Hubert Blaine Wolfeschle')).toBeVisible();
  await guests.join(run, 34);
  await camera.take('lobby', all);
  await camera.take('console-lobby', { phone: console, desktop: console });
  await run.command('start');
  for (const [place, question] of long.questions.entries()) {
    if (place > 0) await run.command('next');
    await expect(player.getByRole('heading', { name: question.text })).toBeVisible();
    await screen.sees(question.text);
    await guests.answer(place, (guest) => (question.type === 'single' ? guest % 4 : null));
    await camera.take(`question-${place + 1}`, { phone: player }, true);
    await camera.take(`question-${place + 1}`, { wall: screen.page });
    await camera.take(`console-${place + 1}`, { phone: console, desktop: console });
    await run.command('skip');
    await expect.poll(async () => (await run.view()).phase).toBe('reveal');
    await expect(screen.page.getByRole('timer')).toBeHidden();
    await expect(player.getByRole('timer')).toBeHidden();
    await camera.take(`answer-${place + 1}`, { phone: player }, true);
    await camera.take(`answer-${place + 1}`, { wall: screen.page });
    await camera.take(`console-answer-${place + 1}`, { phone: console, desktop: console });
  }
  await run.command('next');
  await expect(screen.page.getByTestId('podium').getByText('👑')).toBeVisible();
  await camera.take('podium', { phone: player }, true);
  await camera.take('podium', { wall: screen.page });
  for (const path of ['/host/quizzes', '/host/runs']) {
    await console.goto(`${stack.url()}${path}`);
    await console.waitForLoadState('networkidle');
    await camera.take(`host-${path.split('/').pop()}`, { phone: console }, true);
  }
  await desk.close();
});
