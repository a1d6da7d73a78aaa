/** A whole quiz with every type of question, on four kinds of screen. */
import type { Run } from './harness/host.ts';
import type { Player } from './harness/player.ts';
import { everyType, inventions } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { expect, PHONE, test } from './harness/test.ts';

// with everything that moves
test.use({ contextOptions: { reducedMotion: 'no-preference' } });

test('three players and the big screen go through all eight types', async ({
  visitors,
  hosting,
  stack,
}) => {
  const { host, context } = hosting;
  const run = await host.open(everyType, { auto_advance: false });
  const screen = await Screen.open(context, stack.url(), run.id);
  await expect(screen.page.getByTestId('pin')).toContainText(run.pin.slice(0, 3));
  const ada = await (await visitors.player()).join(run.pin, 'Ada');
  const bo = await (await visitors.player(PHONE)).join(run.pin, 'Bo');
  const cleo = await (await visitors.player()).join(run.pin, 'Cleo');
  const players = [ada, bo, cleo];
  await expect(screen.players).toHaveText('3');
  for (const name of ['Ada', 'Bo', 'Cleo'])
    await expect(screen.page.getByRole('listitem').filter({ hasText: name })).toBeVisible();

  await test.step('a slide', async () => {
    await run.command('start');
    await allSee('Seven questions of every kind. Ready?', players, screen);
    await run.command('skip');
  });

  await test.step('one right option', async () => {
    await next(run, 'Which ocean is the largest?', players, screen);
    await Promise.all([ada.pick('Pacific'), bo.pick('Pacific')]);
    await Promise.all([ada.isLockedIn(), bo.isLockedIn()]);
    await expect(screen.answered).toHaveText(/2 \/ 3/);
    await cleo.pick('Atlantic');
    await results(players, ['Right!', 'Right!', 'Not this time']);
    await expect(screen.option('Pacific').getByRole('img', { name: 'right' })).toBeVisible();
    await expect(screen.option('Pacific')).toContainText('2');
    await expect(screen.option('Atlantic')).toContainText('1');
    await expect(screen.main.getByText('larger than all the land')).toBeVisible();
  });

  await test.step('several right options', async () => {
    await next(run, 'Which of these are prime?', players, screen);
    await ada.pickAll('Two', 'Eleven');
    await bo.pickAll('Two');
    await cleo.pickAll('Nine');
    await results(players, ['Right!', 'Partly right', 'Not this time']);
    await expect(screen.option('Two')).toContainText('2');
  });

  await test.step('true or false', async () => {
    await next(run, 'Honey bees dance', players, screen);
    await Promise.all([ada.pick('True'), bo.pick('True'), cleo.pick('False')]);
    await results(players, ['Right!', 'Right!', 'Not this time']);
  });

  await test.step('a number', async () => {
    await next(run, 'How tall is the Eiffel Tower', players, screen);
    await ada.type('Your number', '325,5');
    await bo.type('Your number', '1000');
    await cleo.type('Your number', '330');
    await results(players, ['Right!', 'Not this time', 'Right!']);
    await expect(screen.main.getByText('330 ± 10')).toBeVisible();
  });

  await test.step('a text', async () => {
    await next(run, 'Which animal is the heaviest', players, screen);
    await ada.type('Your answer', 'blue  WHALE!');
    await bo.type('Your answer', 'An elephant');
    await cleo.type('Your answer', 'elephant');
    await results(players, ['Right!', 'Not this time', 'Not this time']);
    await expect(screen.main.getByText('Blue whale', { exact: true })).toBeVisible();
  });

  await test.step('an order', async () => {
    const right = inventions.options ?? [];
    await next(run, 'Put these inventions in order', players, screen);
    await ada.order(...right);
    await bo.order(...right);
    await cleo.order(...right.toReversed());
    await results(players, ['Right!', 'Right!', 'Not this time']);
    await expect(screen.page.getByTestId('options').getByRole('listitem').first()).toContainText(
      'Printing press',
    );
  });

  await test.step('a poll', async () => {
    await next(run, 'Which kind of question', players, screen);
    await Promise.all([ada.pick('Choices'), bo.pick('Words'), cleo.pick('Words')]);
    await results(players, ['Thank you!', 'Thank you!', 'Thank you!']);
    await expect(screen.option('Words')).toContainText('2');
  });

  await test.step('the podium', async () => {
    await run.command('next');
    await expect(ada.heading('You have won!')).toBeVisible();
    for (const other of [bo, cleo])
      await expect(other.heading('You are on the podium!')).toBeVisible();
    const podium = screen.page.getByTestId('podium');
    await expect(podium.getByRole('listitem').first()).toContainText('Ada');
  });

  const standings = await run.results();
  expect(standings.map(({ nickname }) => nickname)).toEqual(['Ada', 'Bo', 'Cleo']);
  for (const { answers } of standings) expect(answers).toHaveLength(7);
});

async function allSee(question: string, players: Player[], screen: Screen): Promise<void> {
  await Promise.all([...players, screen].map((one) => one.sees(question)));
}

async function next(run: Run, question: string, players: Player[], screen: Screen): Promise<void> {
  await expect.poll(async () => (await run.view()).phase).toBe('reveal');
  await run.command('next');
  await allSee(question, players, screen);
}

async function results(players: Player[], verdicts: string[]): Promise<void> {
  for (const [place, player] of players.entries())
    await expect(player.heading(verdicts[place] ?? '')).toBeVisible();
}
