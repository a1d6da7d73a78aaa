/** Suggested names, admission, removal, and changing devices. */
import { Console } from '../e2e/harness/console.ts';
import { Screen } from '../e2e/harness/screen.ts';
import { Camera } from './camera.ts';
import { flag } from './quizzes.ts';
import { expect, PHONE, test } from './test.ts';

const camera = new Camera('door');

test('the door', async ({ visitors, hosting, stack }) => {
  const { host, context } = hosting;
  const quiz = { title: 'Around the world', language: 'en', questions: [flag] };
  const settings = { names: 'generated', approve_players: true, auto_advance: false } as const;
  const run = await host.open(quiz, settings);
  const desk = await Console.open(context, stack.url(), run.id);
  const console_ = { phone: desk.page, desktop: desk.page };
  const ada = await visitors.player();
  const bo = await visitors.player(PHONE);
  const player = { phone: ada.page, desktop: ada.page };
  for (const one of [ada, bo]) {
    await one.follow(run.pin);
    await expect(one.page.getByTestId('generated-name')).toBeVisible();
  }
  await camera.take('name-pick', player);
  for (const one of [ada, bo])
    await one.page.getByRole('button', { name: 'Join', exact: true }).click();
  await expect(ada.heading('Waiting to be let in')).toBeVisible();
  await camera.take('waiting', player);
  await desk.page.setViewportSize({ width: 1366, height: 768 });
  const letIn = desk.page.getByRole('button', { name: /^Let .+ in$/ });
  await expect(letIn.first()).toBeVisible();
  await camera.take('console', console_);
  const wall = await Screen.open(context, stack.url(), run.id);
  await expect(wall.page.getByTestId('pin')).toBeVisible();
  await wall.page.keyboard.press('k');
  await expect(wall.page.getByRole('dialog')).toBeVisible();
  await camera.take('people-on-the-wall', { wall: wall.page });
  await letIn.first().click();
  await camera.take('console-let-in', console_);
});

test('another device, and out', async ({ visitors, hosting, stack }) => {
  const { host } = hosting;
  const quiz = { title: 'Around the world', language: 'en', questions: [flag] };
  const run = await host.open(quiz, { auto_advance: false });
  const ada = await (await visitors.player()).join(run.pin, 'Ada');
  const player = { phone: ada.page, desktop: ada.page };
  await ada.page.getByRole('button', { name: 'Continue on another device' }).click();
  await expect(ada.page.getByRole('dialog')).toBeVisible();
  await camera.take('move', player);
  await ada.page.keyboard.press('Escape');
  visitors.tolerate(/403/); // the phone polls whether it may return
  await run.kick('Ada');
  await expect(ada.heading('You were removed')).toBeVisible();
  await camera.take('removed', player);
  await ada.page.goto(`${stack.url()}/move`);
  await camera.take('move-here', player);
});
