/** Everyone sees a question at the same moment, whatever their latency. */
import { clockOf } from '../harness/clock.ts';
import { noteHeadings, shownAt } from '../harness/shown-at.ts';
import { quizOf, type Question } from '../harness/quizzes.ts';
import { Screen } from '../harness/screen.ts';
import { report } from '../harness/report.ts';
import { expect, PHONE, test } from '../harness/test.ts';

const APART_MS = 50;
/** In each direction. */
const DELAY_MS = 200;
const QUESTIONS = 5;

const questions = Array.from({ length: QUESTIONS }, (_, place): Question => ({
  type: 'slide',
  text: `Slide ${place + 1}`,
  time_limit_s: 60,
}));

test('a player 200 ms away sees each question together with the others', async ({
  visitors,
  hosting,
  stack,
  slowPath,
}) => {
  const path = await slowPath(DELAY_MS);
  const run = await hosting.host.open(quizOf(...questions), { auto_advance: false });
  const near = await visitors.player(PHONE);
  const far = await visitors.player(PHONE, path.url);
  const wall = await hosting.context.newPage();
  const pages = [near.page, far.page, wall];
  const clocks = pages.map(clockOf);
  for (const page of pages) await noteHeadings(page);
  await near.join(run.pin, 'Near');
  await far.join(run.pin, 'Far');
  await wall.goto(`${stack.url()}/screen/${run.id}`);
  await expect(new Screen(wall).players).toHaveText('2');
  for (const clock of clocks) await clock.settled();

  const apart_ms: number[] = [];
  const late_ms: number[] = [];
  for (const [place, question] of questions.entries()) {
    const { opens_at } = await run.command(place === 0 ? 'start' : 'next');
    const seen = await Promise.all(pages.map((page) => shownAt(page, question.text)));
    const opened = opens_at ?? (await run.view()).opens_at ?? NaN;
    apart_ms.push(Math.max(...seen) - Math.min(...seen));
    late_ms.push(Math.max(...seen) - opened);
    await run.command('skip');
    await expect.poll(async () => (await run.view()).phase).toMatch(/reveal|finished/);
  }
  report(`seen apart (ms): ${list(apart_ms)}; after opens_at (ms): ${list(late_ms)}`);
  // ignore the largest value, as the machine may have been busy once
  const worst_ms = apart_ms.toSorted((one, other) => one - other).at(-2);
  expect(worst_ms).toBeLessThanOrEqual(APART_MS);
});

function list(values: number[]): string {
  return values.map((value) => value.toFixed(0)).join(', ');
}
