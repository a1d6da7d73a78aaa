/** The client opens without a network, and says what is missing. */
import { expect, PHONE, test } from './harness/test.ts';

test('the client opens offline, says so, and goes on once there is a network', async ({
  visitors,
}) => {
  const page = await visitors.offline();
  await expect(page.getByLabel('Quiz PIN')).toBeVisible();
  await expect(page.getByText('You are offline.')).toBeVisible();
  await page.context().setOffline(false);
  await page.reload();
  await expect(page.getByText('You are offline.')).toBeHidden();
});

test('it can be installed', async ({ visitors, stack }) => {
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
