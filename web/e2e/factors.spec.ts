/**
 * Second factors: passkeys with Chromium's virtual authenticator, an authenticator app, recovery
 * codes.
 */
import { createHmac } from 'node:crypto';

import { expect, type Page } from '@playwright/test';

import { Audit } from './harness/audit.ts';
import { Host } from './harness/host.ts';
import { test } from './harness/test.ts';

const STEP_S = 30;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 6238. `steps` is an offset, as the server accepts each time step's code once. */
function codeOf(key: string, steps = 0): string {
  let bits = '';
  for (const char of key.replace(/\s/g, ''))
    bits += BASE32.indexOf(char).toString(2).padStart(5, '0');
  const secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / STEP_S) + steps));
  const digest = createHmac('sha1', secret).update(counter).digest();
  const number = digest.readUInt32BE((digest.at(-1) ?? 0) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** A platform authenticator that confirms user presence and verification. */
async function withAuthenticator(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/**
 * The virtual authenticator replies to autofill requests at once, as if the host had picked one.
 */
async function withoutSuggestions(page: Page): Promise<void> {
  await page.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
  });
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function signOut(page: Page, url: string): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`${url}/host/sign-in`);
}

async function givePassword(page: Page, email: string): Promise<void> {
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(Host.password);
  await button(page, 'Sign in').click();
}

test('a passkey signs in on its own, and the password alone no longer does', async ({
  visitors,
  stack,
}) => {
  const [page, url] = [await visitors.page(), stack.url()];
  await withAuthenticator(page);
  const { email } = await Host.signUp(page.context(), url);
  const audit = new Audit();
  await page.goto(`${url}/host/account/sign-in`);
  await audit.of('sign-in methods', page);
  await button(page, 'Add a passkey').click();
  await page.getByLabel('Name').fill('My laptop');
  await audit.of('a new passkey', page);
  await button(page, 'Continue').click();
  await expect(page.getByRole('listitem').getByText(/^\w{4}-\w{4}-\w{4}$/)).toHaveCount(10);
  await audit.of('recovery codes', page);
  await button(page, 'I’ve saved them').click();
  await expect(page.getByRole('heading', { name: 'My laptop' })).toBeVisible();

  await withoutSuggestions(page);
  await signOut(page, url);
  await givePassword(page, email);
  await expect(button(page, 'Use a passkey')).toBeVisible();
  await audit.of('the second step with a passkey', page);
  await button(page, 'Cancel').click();
  await button(page, 'Continue with a passkey').click();
  await expect(page).toHaveURL(/\/host\/quizzes/);
  audit.isClean();
});

test('an authenticator app or a recovery code is the second factor', async ({
  visitors,
  stack,
}) => {
  const [page, url] = [await visitors.page(), stack.url()];
  const { email } = await Host.signUp(page.context(), url);
  const audit = new Audit();
  await page.goto(`${url}/host/account/sign-in`);
  await button(page, 'Set up an app').click();
  const key = await page.getByText(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/).innerText();
  await page.getByLabel('Code from the app').fill('12345');
  await button(page, 'Continue').click();
  await expect(page.getByLabel('Code from the app')).toBeFocused();
  await expect(page.getByText('This code is wrong')).toBeVisible();
  await audit.of('setting up an app', page);
  await page.getByLabel('Code from the app').fill(codeOf(key));
  await button(page, 'Continue').click();
  const codes = page.getByRole('listitem').getByText(/^\w{4}-\w{4}-\w{4}$/);
  await expect(codes).toHaveCount(10);
  const recovery = await codes.first().innerText();
  await button(page, 'I’ve saved them').click();
  await expect(page.getByText('Codes left: 10')).toBeVisible();

  await signOut(page, url);
  await givePassword(page, email);
  await expect(page.getByLabel('Code from the app')).toBeFocused();
  await audit.of('the second step with a code', page);
  await page.getByLabel('Code from the app').fill(codeOf(key, 1));
  await button(page, 'Sign in').click();
  await expect(page).toHaveURL(/\/host\/quizzes/);

  await signOut(page, url);
  await givePassword(page, email);
  await button(page, 'Use a recovery code instead').click();
  await page.getByLabel('Recovery code').fill(recovery.toUpperCase());
  await button(page, 'Sign in').click();
  await expect(page).toHaveURL(/\/host\/quizzes/);
  await page.goto(`${url}/host/account/sign-in`);
  await expect(page.getByText('Codes left: 9')).toBeVisible();
  audit.isClean();
});
