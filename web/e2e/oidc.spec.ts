/** Signing in at a provider, from our page to the provider's and back. */
import type { BrowserContext, Page } from '@playwright/test';

import { Audit } from './harness/audit.ts';
import { OpenIdProvider } from './harness/openid.ts';
import { expect, test, type Visitors } from './harness/test.ts';

const BUTTON = `Continue with ${OpenIdProvider.LABEL}`;

/** Blocks web fonts, which the provider's pages load from the internet. */
async function aBrowser(visitors: Visitors): Promise<BrowserContext> {
  const context = await visitors.context();
  await context.route(
    ({ hostname }) => hostname !== 'localhost',
    (route) => route.fulfill({ contentType: 'text/css', body: '' }),
  );
  return context;
}

async function signInThere(page: Page, login: string): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(login);
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('a host signs in with an OpenID provider, which the account page then lists', async ({
  stack,
  visitors,
}) => {
  const email = `grace-${crypto.randomUUID()}@example.org`;
  const page = await (await aBrowser(visitors)).newPage();
  await page.goto(`${stack.url()}/host/runs`);
  const audit = new Audit();
  await audit.of('sign-in', page);
  await page.getByRole('link', { name: BUTTON }).click();
  await signInThere(page, email);
  await expect(page).toHaveURL(`${stack.url()}/host/runs`);
  await page.goto(`${stack.url()}/host/account/identities`);
  const linked = page.getByRole('listitem').filter({ hasText: email });
  await expect(linked).toContainText('This is your only way to sign in.');
  await audit.of('linked accounts', page);
  audit.isClean();
});

test('a host with an unverified address is told what to do', async ({ stack, visitors }) => {
  const page = await (await aBrowser(visitors)).newPage();
  await page.goto(`${stack.url()}/host/sign-in`);
  await page.getByRole('link', { name: BUTTON }).click();
  await signInThere(page, `unverified-${crypto.randomUUID()}@example.org`);
  await expect(page.getByRole('alert').first()).toContainText('hasn’t verified');
});

test('a session that ends during work is renewed in another tab', async ({ stack, visitors }) => {
  const context = await aBrowser(visitors);
  const page = await context.newPage();
  await page.goto(`${stack.url()}/host/quizzes`);
  await page.getByRole('link', { name: BUTTON }).click();
  await signInThere(page, `ada-${crypto.randomUUID()}@example.org`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await context.clearCookies({ name: 'quizrun_session' });
  await page.getByRole('link', { name: 'Runs' }).first().click();
  const dialog = page.getByRole('dialog');
  const [tab] = await Promise.all([
    context.waitForEvent('page'),
    dialog.getByRole('link', { name: BUTTON }).click(),
  ]);
  // the session at the provider is still valid
  await expect(dialog).toBeHidden();
  await expect.poll(() => tab.isClosed()).toBe(true);
});
