/** A whole quiz with every question type: the console, the big screen, three players. */
import { Console } from './harness/console.ts';
import type { Player } from './harness/player.ts';
import { everyType, inventions } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { expect, PHONE, test } from './harness/test.ts';

// with all animations
test.use({ contextOptions: { reducedMotion: 'no-preference' } });

test('a host, three players and the big screen go through all eight types', async ({
  visitors,
  hosting,
  stack,
}) => {
  const { host, context } = hosting;
  const run = await host.open(everyType, { auto_advance: false });
  const desk = await Console.open(context, stack.url(), run.id);
  const screen = await Screen.open(context, stack.url(), run.id);
  await expect(screen.page.getByTestId('pin')).toContainText(run.pin.slice(0, 3));
  const ada = await (await visitors.player()).join(run.pin, 'Ada');
  const bo = await (await visitors.player(PHONE)).join(run.pin, 'Bo');
  const cleo = await (await visitors.player()).join(run.pin, 'Cleo');
  const players = [ada, bo, cleo];
  const everyone = [...players, screen, desk];
  await expect(screen.players).toHaveText('3');
  for (const name of ['Ada', 'Bo', 'Cleo'])
    for (const { main } of [screen, desk])
      await expect(main.getByRole('listitem').filter({ hasText: name }).first()).toBeVisible();

  const next = async (question: string): Promise<void> => {
    await desk.press('Next question');
    await Promise.all(everyone.map((one) => one.sees(question)));
  };
  const results = async (...verdicts: string[]): Promise<void> => {
    for (const [place, player] of players.entries())
      await expect(player.heading(verdicts[place] ?? '')).toBeVisible();
  };

  await test.step('a slide', async () => {
    await desk.press('Start');
    await Promise.all(everyone.map((one) => one.sees('Seven questions of every kind. Ready?')));
    await desk.press('End question now');
  });

  await test.step('one right option', async () => {
    await next('Which ocean is the largest?');
    await Promise.all([ada.pick('Pacific'), bo.pick('Pacific')]);
    await Promise.all([ada.isLockedIn(), bo.isLockedIn()]);
    await expect(screen.answered).toHaveText(/2 \/ 3/);
    await expect(desk.bar('Pacific')).toContainText('2');
    await cleo.pick('Atlantic');
    await results('Right!', 'Right!', 'Not this time');
    await expect(screen.option('Pacific').getByRole('img', { name: 'right' })).toBeVisible();
    await expect(screen.option('Pacific')).toContainText('2');
    await expect(screen.option('Atlantic')).toContainText('1');
    await expect(screen.main.getByText('larger than all the land')).toBeVisible();
    await expect(desk.main.getByText('2 of 3 right')).toBeVisible();
  });

  await test.step('several right options', async () => {
    await next('Which of these are prime?');
    await ada.pickAll('Two', 'Eleven');
    await bo.pickAll('Two');
    await cleo.pickAll('Nine');
    await results('Right!', 'Partly right', 'Not this time');
    await expect(screen.option('Two')).toContainText('2');
  });

  await test.step('true or false', async () => {
    await next('Honey bees dance');
    await Promise.all([ada.pick('True'), bo.pick('True'), cleo.pick('False')]);
    await results('Right!', 'Right!', 'Not this time');
  });

  await test.step('a number', async () => {
    await next('How tall is the Eiffel Tower');
    await ada.type('Your number', '325,5');
    await bo.type('Your number', '1000');
    await cleo.type('Your number', '330');
    await results('Right!', 'Not this time', 'Right!');
    await expect(screen.main.getByText('330 ± 10')).toBeVisible();
  });

  await test.step('a text', async () => {
    await next('Which animal is the heaviest');
    await ada.type('Your answer', 'blue  WHALE!');
    await bo.type('Your answer', 'An elephant');
    await cleo.type('Your answer', 'elephant');
    await results('Right!', 'Not this time', 'Not this time');
    await expect(screen.main.getByText('Blue whale', { exact: true })).toBeVisible();
  });

  await test.step('an order', async () => {
    const right = inventions.options ?? [];
    await next('Put these inventions in order');
    await ada.drag(...right);
    await bo.order(...right);
    await cleo.order(...right.toReversed());
    await results('Right!', 'Right!', 'Not this time');
    await expect(screen.page.getByTestId('options').getByRole('listitem').first()).toContainText(
      'Printing press',
    );
  });

  await test.step('a poll', async () => {
    await next('Which kind of question');
    await Promise.all([ada.pick('Choices'), bo.pick('Words'), cleo.pick('Words')]);
    await results('Thank you!', 'Thank you!', 'Thank you!');
    await expect(screen.option('Words')).toContainText('2');
  });

  await test.step('the podium', async () => {
    await desk.press('Show final results');
    await expect(ada.heading('You won!')).toBeVisible();
    for (const other of [bo, cleo])
      await expect(other.heading('You’re on the podium!')).toBeVisible();
    await expect(screen.page.getByTestId('podium').getByRole('listitem').first()).toContainText(
      'Ada',
    );
    await expect(desk.main.getByText('3 players took part.')).toBeVisible();
  });

  const standings = await run.results();
  expect(standings.map(({ nickname }) => nickname)).toEqual(['Ada', 'Bo', 'Cleo']);
  for (const { answers } of standings) expect(answers).toHaveLength(7);
  const shown = await Promise.all(players.map(scoreOf));
  expect(shown).toEqual(standings.map(({ score }) => score));
});

/** The score shown to a player. */
async function scoreOf({ main }: Player): Promise<number> {
  const text = await main.getByText(/Place \d of 3 · [\d,]+ points/).innerText();
  return Number(/([\d,]+) points/.exec(text)?.[1]?.replace(',', ''));
}
