/** The client opens offline and shows what is unavailable. */
import { ocean, quizOf } from './harness/quizzes.ts';
import { CUT, expect, PHONE, test } from './harness/test.ts';

test('the client opens offline, says so, and continues once the network is back', async ({
  visitors,
}) => {
  const page = await visitors.offline();
  await expect(page.getByLabel('Quiz PIN')).toBeVisible();
  await expect(page.getByText('You’re offline.')).toBeVisible();
  await page.context().setOffline(false);
  await page.reload();
  await expect(page.getByText('You’re offline.')).toBeHidden();
});

test('a player who reloads offline is back as soon as the network is', async ({
  visitors,
  hosting,
}) => {
  visitors.tolerate(CUT);
  const run = await hosting.host.open(quizOf(ocean));
  const ada = await visitors.player({ ...PHONE, serviceWorkers: 'allow' });
  await ada.join(run.pin, 'Ada');
  await visitors.player().then((player) => player.join(run.pin, 'Bo'));
  await ada.page.evaluate(() => navigator.serviceWorker.ready);
  await run.command('start');
  await ada.pick('Pacific');
  await ada.isLockedIn();
  await ada.page.context().setOffline(true);
  await ada.page.reload();
  await expect(ada.reconnecting).toBeVisible();
  await ada.page.context().setOffline(false);
  await ada.isLockedIn();
  await expect(ada.tile('Pacific')).toHaveAttribute('aria-pressed', 'true');
});

test('a chunk that fails to load is reported, and joining continues once it loads', async ({
  visitors,
  hosting,
}) => {
  visitors.tolerate(CUT);
  const run = await hosting.host.open(quizOf(ocean));
  const ada = await visitors.player(PHONE);
  await ada.page.route(/assets\/(play|socket|errors)-/, (route) => route.abort());
  await ada.follow(run.pin);
  await ada.nickname.fill('Ada');
  await ada.page.getByRole('button', { name: 'Join', exact: true }).click();
  await expect(ada.page.getByText('The server can’t be reached.')).toBeVisible();
  await ada.page.unrouteAll();
  await ada.page.getByRole('button', { name: 'Try again' }).click();
  await expect(ada.heading('You’re in!')).toBeVisible();
});

test('an application that fails to load says so instead of waiting forever', async ({
  visitors,
  stack,
}) => {
  visitors.tolerate(CUT, /dynamically imported module/);
  const page = await visitors.page(PHONE);
  await page.route(/assets\/main-.*js/, (route) => route.abort());
  await page.goto(`${stack.url()}/join/482913`);
  await expect(page.getByRole('heading', { name: 'This page couldn’t be loaded' })).toBeVisible();
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'No quiz with this PIN' })).toBeVisible();
});

test('a host’s page that cannot load offline says so and offers to try again', async ({
  visitors,
  stack,
}) => {
  // the router awaits two files of a nested page; either may fail first
  visitors.tolerate(CUT, /Unable to preload CSS|dynamically imported module/);
  const page = await visitors.installed();
  for (const path of ['/host', '/host/quizzes', '/screen/7f3c']) {
    await page.context().setOffline(true);
    await page.goto(`${stack.url()}${path}`);
    await expect(page.getByRole('heading', { name: 'This page couldn’t be loaded' })).toBeVisible();
    await expect(page.getByText('You’re offline.')).toBeVisible();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByText('This page couldn’t be loaded')).toBeHidden();
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
});

test('the client can be installed', async ({ visitors, stack }) => {
  const page = await visitors.page(PHONE);
  await page.goto(stack.url());
  const href = await page.locator('link[rel=manifest]').getAttribute('href');
  const answer = await page.request.get(new URL(href ?? '', stack.url()).href);
  expect(answer.headers()['content-type']).toContain('manifest+json');
  const manifest = (await answer.json()) as { icons: { src: string; sizes: string }[] };
  expect(manifest).toMatchObject({ name: 'Quizrun', start_url: '/', display: 'standalone' });
  for (const icon of manifest.icons)
    expect((await page.request.get(new URL(icon.src, stack.url()).href)).ok()).toBe(true);
});
