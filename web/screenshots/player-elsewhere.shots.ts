/** Error and edge cases of players. */
import { Camera } from './camera.ts';
import { flag, tourWith, whale } from './quizzes.ts';
import { CUT, expect, PHONE, test } from './test.ts';

const camera = new Camera('player-elsewhere');
const quiz = { title: 'Around the world', questions: [flag, whale] };

test('not let in, and let out', async ({ visitors, hosting, stack }) => {
  visitors.tolerate(CUT);
  const run = await hosting.host.open(quiz, { max_players: 2 });
  const phone = await visitors.player(PHONE);
  const desk = await visitors.player();
  const both = { phone: phone.page, desktop: desk.page };
  const each = async (act: (player: typeof phone) => Promise<unknown>): Promise<void> => {
    for (const player of [phone, desk]) await act(player);
  };
  const enter = (pin: string, name: string): Promise<void> =>
    each(async (player) => {
      await player.follow(pin);
      await player.nickname.fill(name);
      await player.nickname.press('Enter');
    });

  await phone.join(run.pin, 'Ada');
  await desk.join(run.pin, 'Mei');
  const third = await visitors.player(PHONE);
  await third.follow(run.pin);
  await third.nickname.fill('Bo');
  await third.nickname.press('Enter');
  await expect(third.heading('The quiz is full')).toBeVisible();
  await camera.take('full', { phone: third.page, desktop: third.page });
  await each(({ page }) => page.goto(`${stack.url()}/join/${run.pin}`));
  await expect(phone.page.getByRole('link', { name: 'Continue as Ada' })).toBeVisible();
  await camera.take('back', both);
  await each(({ page }) => page.goto(`${stack.url()}/play/${run.id}`));
  await run.kick('Ada');
  await run.kick('Mei');
  await each((player) => expect(player.heading('You were removed')).toBeVisible());
  await camera.take('kicked', both);
  await each((player) => player.follow('00000000'));
  await each((player) => expect(player.heading('No quiz with this PIN')).toBeVisible());
  await camera.take('no-such-pin', both);

  const other = await hosting.host.open(quiz, { auto_advance: false });
  const stays = await (await visitors.player(PHONE)).join(other.pin, 'Ada');
  await enter(other.pin, 'ada');
  await each((player) => expect(player.nickname).toHaveAttribute('aria-invalid', 'true'));
  await camera.take('name-taken', both);
  await other.command('lock');
  await enter(other.pin, 'Bo');
  await each((player) => expect(player.heading('Joining is closed')).toBeVisible());
  await camera.take('locked', both);
  await other.command('end');
  await expect(stays.heading('The quiz was cancelled')).toBeVisible();
  await camera.take('called-off', { phone: stays.page, desktop: stays.page });

  await each(({ page }) => page.goto(`${stack.url()}/host/nowhere`));
  await each((player) => expect(player.heading('Page not found')).toBeVisible());
  await camera.take('not-found', both);
  await each(({ page }) => page.goto(`${stack.url()}/play/${other.id}`));
  await each((player) => expect(player.heading('You’re not in this quiz')).toBeVisible());
  await camera.take('no-place', both);
});

test('offline', async ({ visitors }) => {
  const page = await visitors.offline();
  await expect(page.getByText('You’re offline.')).toBeVisible();
  await camera.take('offline', { phone: page, desktop: page });
});

test('a picture that does not load', async ({ visitors, hosting, stack }) => {
  visitors.tolerate(CUT);
  const media = { url: `${stack.url()}/media/none.png`, alt: 'A gold cross on green and black' };
  const { questions } = tourWith(media);
  const run = await hosting.host.open({ title: 'Flags', questions: questions.slice(1, 2) });
  const phone = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  await run.command('start');
  await phone.sees(flag.text);
  await expect(phone.main.getByText(media.alt)).toBeVisible();
  await camera.take('no-picture', { phone: phone.page });
});
