/** The big screen, from the lobby to the podium. */
import { Screen } from '../e2e/harness/screen.ts';
import { Camera } from './camera.ts';
import { NAMES } from './guests.ts';
import { uploadFlag } from './picture.ts';
import { asked, flag, tourWith } from './quizzes.ts';
import { expect, PHONE, test } from './test.ts';

const camera = new Camera('screen');

test('the big screen', async ({ visitors, hosting, guests, stack }) => {
  const { host, context } = hosting;
  const picture = await uploadFlag(context, stack.url());
  const run = await host.open(tourWith(picture), { auto_advance: false, countdown_s: 8 });
  const screen = await Screen.open(context, stack.url(), run.id);
  const { page } = screen;
  const walls = { wall: page, projector: page };
  const controls = page.getByRole('toolbar', { name: 'Controls' });
  const take = async (name: string): Promise<void> => {
    await expect(controls).toHaveCSS('opacity', '0'); // idle
    await camera.take(name, walls);
  };
  await expect(page.getByTestId('pin')).toBeVisible();
  await take('lobby-empty');
  await guests.join(run, NAMES.length);
  await expect(screen.players).toHaveText(String(NAMES.length));
  await expect(page.getByText(NAMES.at(-1) ?? '')).toBeVisible(); // names may follow the number
  await take('lobby');
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  await run.command('start');
  await expect(page.getByRole('timer')).toBeVisible();
  await take('countdown');

  for (const [place, { question, guests: given }] of asked.entries()) {
    if (place > 0) await run.command('next');
    await screen.sees(question.text);
    if (question === flag) {
      await run.command('pause');
      await expect(page.getByText('Paused')).toBeVisible();
      await take('paused');
      await run.command('resume');
      await expect(page.getByText('Paused')).toBeHidden();
    }
    // one guest has not answered yet
    await guests.answer(place, (guest, options) => (guest === 5 ? null : given(guest, options)));
    if (question === flag) {
      await ada.pick('Jamaica');
      await ada.isLockedIn();
      await camera.take('phone-beside-it', { phone: ada.page });
    }
    await take(`question-${question.type}`);
    await run.command('skip');
    await expect.poll(async () => (await run.view()).phase).toBe('reveal');
    await expect(page.getByRole('timer')).toBeHidden();
    await take(`answer-${question.type}`);
    if (place === 3) {
      await page.keyboard.press('l');
      await expect(screen.heading('Standings')).toBeVisible();
      await take('standings');
    }
  }
  await page.mouse.move(300, 300);
  await expect(controls).toHaveCSS('opacity', '1');
  await camera.take('controls', { wall: page });
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await run.command('next');
  await expect(page.getByTestId('podium').getByText('👑')).toBeVisible();
  await take('podium');
});
