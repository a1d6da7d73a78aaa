/** The big screen: access, sizes, and controls. */
import { Host } from './harness/host.ts';
import { everyType, ocean, primes, quizOf, type Quiz } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { CUT, expect, test } from './harness/test.ts';

const LONG_QUESTION = 'A question that says everything three times. '.repeat(22).trim();
const crowded: Quiz = {
  title: 'A quiz with a title that is a good deal longer than any wall is wide, and then some more',
  questions: [
    {
      ...ocean,
      text: LONG_QUESTION,
      options: Array.from({ length: 12 }, (_, index) =>
        `Option ${index + 1} with many words `.repeat(8).slice(0, 195).trim(),
      ),
      explanation: 'Because it is so. '.repeat(20),
    },
    {
      ...ocean,
      text: 'Donaudampfschifffahrt'.repeat(12),
      options: ['a'.repeat(150), 'b'],
      correct: [0],
    },
    { ...primes, options: Array.from({ length: 12 }, (_, index) => `Option ${index + 1}`) },
  ],
};

const SIZES = ['1280x720', '1920x1080', '3840x2160', '390x844'];

test('nothing scrolls or is cut off, from phones to the largest screens', async ({
  visitors,
  hosting,
  stack,
}) => {
  const run = await hosting.host.open(crowded, { auto_advance: false });
  const ada = await visitors.player();
  await ada.join(run.pin, 'Ada');
  const screens: Screen[] = [];
  for (const size of SIZES) {
    const screen = await Screen.open(hosting.context, stack.url(), run.id);
    const [width = 0, height = 0] = size.split('x').map(Number);
    await screen.page.setViewportSize({ width, height });
    screens.push(screen);
  }
  const fits = async (what: string): Promise<void> => {
    for (const [place, screen] of screens.entries())
      await expect.poll(() => cutOff(screen), `${what} at ${SIZES[place]}`).toEqual([]);
  };
  for (const screen of screens) await expect(screen.players).toHaveText('1');
  await fits('the lobby');
  for (const [place, question] of crowded.questions.entries()) {
    await run.command(place === 0 ? 'start' : 'next');
    for (const screen of screens) await screen.sees(question.text);
    await fits(`question ${place + 1}`);
    // there is no winner without points
    if (place === 1) await ada.pick('a'.repeat(150));
    else await run.command('skip');
    for (const screen of screens)
      await expect(screen.page.getByRole('img', { name: 'right' }).first()).toBeVisible();
    await fits(`answer ${place + 1}`);
  }
  await run.command('next');
  for (const screen of screens) await expect(screen.page.getByTestId('podium')).toBeVisible();
  await fits('the podium');
});

test('only the run’s host sees it', async ({ visitors, hosting, stack }) => {
  visitors.tolerate(CUT);
  const run = await hosting.host.open(everyType);
  const other = await visitors.context();
  await Host.signUp(other, stack.url());
  const foreign = await Screen.open(other, stack.url(), run.id);
  await expect(foreign.heading('You don’t have access to this.')).toBeVisible();
  await expect(foreign.page.getByRole('link', { name: 'Your quizzes' })).toBeVisible();

  const nobody = await Screen.open(await visitors.context(), stack.url(), run.id);
  await nobody.page.getByLabel('Email address').fill(hosting.host.email);
  await nobody.page.getByLabel('Password').fill(Host.password);
  await nobody.page.getByLabel('Password').press('Enter');
  await expect(nobody.page.getByTestId('pin')).toContainText(run.pin.slice(-3));
});

test('keys pause, resume and open the next question', async ({ visitors, hosting, stack }) => {
  const run = await hosting.host.open(quizOf(ocean, primes), { auto_advance: false });
  const screen = await Screen.open(hosting.context, stack.url(), run.id);
  const ada = await (await visitors.player()).join(run.pin, 'Ada');
  await expect(screen.players).toHaveText('1');
  await screen.page.getByRole('button', { name: 'Start the quiz' }).click();
  await screen.sees('Which ocean is the largest?');
  // the effect of a command is shown before its reply, so the next key must not be lost
  await screen.page.route('**/pause', async (route) => {
    const reply = await route.fetch();
    await expect(screen.page.getByText('Paused')).toBeVisible();
    await expect(screen.page.getByText('Paused')).toBeHidden();
    await route.fulfill({ response: reply });
  });
  // a key that would end the question early does nothing
  await screen.page.keyboard.press('n');
  await screen.page.keyboard.press('p');
  await expect(screen.page.getByText('Paused')).toBeVisible();
  await expect(ada.heading('Pause')).toBeVisible();
  await screen.page.keyboard.press('p');
  await expect(screen.page.getByText('Paused')).toBeHidden();
  await screen.sees('Which ocean is the largest?');
  await ada.pick('Pacific');
  await expect(screen.option('Pacific').getByRole('img', { name: 'right' })).toBeVisible();
  await screen.page.keyboard.press('l');
  await expect(screen.heading('Standings')).toBeVisible();
  await screen.page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await screen.page.keyboard.press('n');
  await screen.page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await expect(screen.heading('Standings')).toBeVisible();
  await screen.page.keyboard.press('n');
  await screen.sees('Which of these are prime?');
});

test('the console asks to sign in again when the session has ended, then repeats the command', async ({
  visitors,
  hosting,
  stack,
}) => {
  visitors.tolerate(CUT);
  const run = await hosting.host.open(quizOf(ocean));
  const screen = await Screen.open(hosting.context, stack.url(), run.id);
  await run.command('start');
  await screen.sees('Which ocean is the largest?');
  await hosting.context.clearCookies();
  await screen.page.keyboard.press('p');
  const dialog = screen.page.getByRole('dialog');
  await dialog.getByLabel('Email address').fill(hosting.host.email);
  await dialog.getByLabel('Password').fill(Host.password);
  await dialog.getByLabel('Password').press('Enter');
  await expect(screen.page.getByText('Paused')).toBeVisible();
});

test('the controls hide automatically and return', async ({ hosting, stack }) => {
  const run = await hosting.host.open(quizOf(ocean));
  const screen = await Screen.open(hosting.context, stack.url(), run.id);
  const bar = screen.page.getByRole('toolbar', { name: 'Controls' });
  await expect(bar).toHaveCSS('opacity', '0');
  await screen.page.mouse.move(200, 200);
  await expect(bar).toHaveCSS('opacity', '1');
  await expect(bar).toHaveCSS('opacity', '0');
  await screen.page.keyboard.press('Tab');
  await expect(bar).toHaveCSS('opacity', '1');
});

test('sound is off until it is turned on, and the choice is remembered', async ({
  visitors,
  hosting,
  stack,
}) => {
  const run = await hosting.host.open(quizOf(ocean));
  const page = await hosting.context.newPage();
  await page.addInitScript(() => {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (when) {
      document.documentElement.dataset.notes = String(
        Number(document.documentElement.dataset.notes ?? 0) + 1,
      );
      start.call(this, when);
    };
  });
  const notes = async (): Promise<number> =>
    Number(await page.evaluate(() => document.documentElement.dataset.notes ?? '0'));
  await page.goto(`${stack.url()}/screen/${run.id}`);
  const screen = new Screen(page);
  await visitors.player().then((player) => player.join(run.pin, 'Ada'));
  await expect(screen.players).toHaveText('1');
  expect(await notes()).toBe(0);

  await page.keyboard.press('m');
  await expect.poll(notes).toBeGreaterThan(0);
  await page.reload();
  await expect(page.getByRole('button', { name: 'Sound' })).toHaveAttribute('aria-pressed', 'true');
  // browsers block sound until the first key or click
  await page.keyboard.press('Shift');
  await visitors.player().then((player) => player.join(run.pin, 'Bo'));
  await expect.poll(notes).toBeGreaterThan(0);
  await page.keyboard.press('m');
  await expect(page.getByRole('button', { name: 'Sound' })).toHaveAttribute(
    'aria-pressed',
    'false',
  );
});

test('the winners get confetti, unless reduced motion is preferred', async ({
  visitors,
  hosting,
  stack,
}) => {
  const run = await hosting.host.open(quizOf(ocean));
  const ada = await (await visitors.player()).join(run.pin, 'Ada');
  await run.command('start');
  await ada.pick('Pacific');
  const [lively, still] = [
    new Screen(await hosting.context.newPage()),
    await Screen.open(hosting.context, stack.url(), run.id),
  ];
  await lively.page.emulateMedia({ reducedMotion: 'no-preference' });
  await lively.page.goto(still.page.url());
  await expect.poll(() => paper(lively)).toBe(true);
  await expect(still.page.getByTestId('podium').getByText('👑')).toBeVisible();
  expect(await paper(still)).toBe(false);
});

/** Whether confetti is painted over the podium. */
function paper({ page }: Screen): Promise<boolean> {
  return page.evaluate(() => {
    const canvas = document.querySelector('canvas');
    if (!canvas?.width) return false;
    const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {
      data: [],
    };
    return data.some((value) => value > 0);
  });
}

/** Elements outside the window or clipped by their container; empty if there are none. */
function cutOff({ page }: Screen): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.documentElement;
    const found: string[] = [];
    if (root.scrollHeight > innerHeight || root.scrollWidth > innerWidth) found.push('it scrolls');
    const box = document.querySelector('[data-testid=question]');
    if (box && (box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1))
      found.push('the question is larger than its place');
    for (const text of document.querySelectorAll('main h1, main [data-testid=options] bdi')) {
      const { left, top, right, bottom } = text.getBoundingClientRect();
      if (left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1)
        found.push(text.textContent.slice(0, 30));
    }
    return found;
  });
}
