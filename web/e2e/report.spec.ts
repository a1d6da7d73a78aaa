/** After a run: the answer matrix, a corrected solution, and the players' result pages. */
import { Audit } from './harness/audit.ts';
import { Host } from './harness/host.ts';
import { ocean, quizOf, tower } from './harness/quizzes.ts';
import { expect, PHONE, test } from './harness/test.ts';

const LONG = 'Donaudampfschifffahrtsab';

test('a host corrects a wrong answer key, and players see it on their review pages', async ({
  visitors,
  stack,
}) => {
  test.slow();
  const page = await visitors.page({ viewport: { width: 1366, height: 768 } });
  const host = await Host.signUp(page.context(), stack.url());
  const quiz = await host.createQuiz(quizOf(ocean, tower));
  const run = await host.open(quiz, { auto_advance: false });
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');
  const max = await (await visitors.player(PHONE)).join(run.pin, LONG);
  await run.command('start');
  await ada.pick('Pacific');
  await max.pick('Atlantic');
  await expect(ada.heading('Right!')).toBeVisible();

  await page.goto(`${stack.url()}/host/runs/${run.id}`);
  await expect(page.getByText('2 received = 2 stored = 2 scored')).toBeVisible();
  await run.command('end');

  await test.step('players see their answers at the end', async () => {
    await expect(ada.heading('Your answers')).toBeVisible();
    await expect(ada.page.getByText('Pacific')).toBeVisible();
    await expect(max.page.getByText('Right: Pacific')).toBeVisible();
  });

  const audit = new Audit();
  await page.goto(`${stack.url()}/host/runs/${run.id}/report`);
  const matrix = page.getByRole('region', { name: 'All answers at a glance' });
  await expect(matrix.getByRole('row', { name: /Ada.*right/ })).toBeVisible();
  await expect(matrix.getByRole('row', { name: new RegExp(`${LONG}.*wrong`) })).toBeVisible();
  for (const width of [320, 390, 1366]) {
    await page.setViewportSize({ width, height: 844 });
    if (width !== 320) await audit.of(`the report, ${width} wide`, page);
    const scrolls = await page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    expect(scrolls, `the report scrolls sideways at ${width}`).toBe(false);
  }

  await test.step('the correction', async () => {
    await page.locator('#question-0 summary').click();
    await page.getByRole('button', { name: 'Correct the answer…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Another right answer').check();
    await dialog.getByLabel('Atlantic').check();
    await audit.of('correcting', page);
    await dialog.getByRole('button', { name: 'Correct and rescore' }).click();
    await expect(dialog).toBeHidden();
    await expect(matrix.getByRole('row', { name: new RegExp(`${LONG}.*right`) })).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Corrections' })).toBeVisible();
    await audit.of('the corrected report', page);
  });

  await test.step('who has the address sees it later', async () => {
    const address = await max.page
      .getByRole('link', { name: /Open your results page/ })
      .getAttribute('href');
    expect(address).toContain('/review#');
    const later = await visitors.page(PHONE);
    await later.goto(address ?? '');
    await expect(later.getByText('Corrected by the host')).toBeVisible();
    await expect(later.getByText('Place 1 of 2')).toBeVisible();
    await audit.of('the review', later);
    const asked = await later.evaluate(() =>
      performance.getEntriesByType('resource').map((entry) => entry.name),
    );
    expect(asked.some((name) => name.includes((address ?? '').split('#')[1] ?? '?'))).toBe(false);
  });

  await page.goto(`${stack.url()}/host/quizzes/${quiz}/runs`);
  await expect(page.getByRole('region', { name: 'Compare runs' })).toBeVisible();
  await audit.of('runs together', page);
  audit.isClean();
});
