/** Host accounts: registration, confirmation, recovery, and sessions. */
import type { Page } from '@playwright/test';

import { Audit } from './harness/audit.ts';
import { Console } from './harness/console.ts';
import { Host } from './harness/host.ts';
import { ocean, quizOf } from './harness/quizzes.ts';
import { CUT, expect, test } from './harness/test.ts';

test.describe.configure({ timeout: 180_000 });

const NEW_PASSWORD = 'four unrelated paper clouds';

test('a new host registers, verifies the address, resets the password and signs out another browser', async ({
  visitors,
  stack,
}) => {
  // deliberate refusals: a used link, a weak password, an expired session
  visitors.tolerate(CUT);
  const audit = new Audit();
  const email = `ada-${crypto.randomUUID()}@example.org`;
  const page = await visitors.page();
  const at = (path: string): string => `${stack.url()}${path}`;

  await test.step('registers, with a password that is hard to guess', async () => {
    await page.goto(at('/host/sign-up'));
    await page.getByLabel('Your name').fill('Ada');
    await page.getByLabel('Email address').fill(email);
    await page.getByLabel('Password').fill('password1');
    await page.getByLabel('Password').press('Enter');
    await expect(page.getByText('This password is too easy to guess.')).toBeVisible();
    await expect(page.getByLabel('Password')).toBeFocused();
    await page.getByLabel('Password').fill(Host.password);
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await expect(page.getByLabel('Password')).toHaveAttribute('type', 'text');
    await audit.of('signing up, with the password shown', page);
    await page.getByRole('button', { name: 'Create an account' }).click();
    await expect(page.getByText(`that we sent to ${email}`)).toBeVisible();
    await audit.of('the reminder to confirm the address', page);
  });

  await test.step('confirms the address by the mail', async () => {
    await page.goto(at('/host/verify-email'));
    await expect(page.getByRole('heading', { name: 'Open the link in the email' })).toBeVisible();
    await audit.of('confirming without a link', page);
    await followMail(page, at('/inbox'), email, 'Confirm your email address', audit);
    await expect(page.getByRole('heading', { name: 'Your address is confirmed' })).toBeVisible();
    expect(page.url()).toBe(at('/host/verify-email'));
    await audit.of('a confirmed address', page);
    await page.getByRole('link', { name: 'Your quizzes' }).click();
    await expect(page.getByRole('heading', { name: 'Your quizzes' })).toBeVisible();
    await expect(page.getByText(`that we sent to ${email}`)).toBeHidden();
  });

  await test.step('forgets the password, and chooses a new one', async () => {
    await page.getByRole('button', { name: 'Ada' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.goto(at('/host/sign-in'));
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await audit.of('a forgotten password', page);
    await page.getByLabel('Email address').fill(email);
    await page.getByRole('button', { name: 'Send the link' }).click();
    await expect(page.getByText('an email with a link is on its way')).toBeVisible();
    await audit.of('a link on its way', page);
    await followMail(page, at('/inbox'), email, 'Reset your password');
    expect(page.url()).toBe(at('/host/reset-password'));
    await audit.of('choosing a new password', page);
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Save the password' }).click();
    await expect(page.getByRole('heading', { name: 'Your password was changed' })).toBeFocused();
    await audit.of('a new password', page);
    await followMail(page, at('/inbox'), email, 'Reset your password');
    await page.getByLabel('New password').fill(`${NEW_PASSWORD} again`);
    await page.getByRole('button', { name: 'Save the password' }).click();
    await expect(page.getByRole('heading', { name: 'This link no longer works' })).toBeFocused();
    await audit.of('a link that was used', page);
    await signIn(page, at('/host/sign-in'), email);
  });

  await test.step('changes the name', async () => {
    await page.getByRole('button', { name: 'Ada' }).click();
    await page.getByRole('menuitem', { name: 'Account' }).click();
    await expect(page.getByRole('heading', { name: 'Profile', level: 1 })).toBeFocused();
    await expect(page.getByText('Confirmed', { exact: true })).toBeVisible();
    await audit.of('the profile', page);
    await page.getByLabel('Your name').fill('Ada Lovelace');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('button', { name: 'Ada Lovelace' })).toBeVisible();
    await menu(page, 'Password');
    await audit.of('changing the password', page);
    await menu(page, 'Activity');
    await expect(page.getByText('Password reset with a link from an email')).toBeVisible();
    await audit.of('the activity', page);
    await menu(page, 'Audit log');
    await expect(page.getByRole('row', { name: /Reset of password.*Done/ })).toBeVisible();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'JSON Lines' }).click();
    expect((await download).suggestedFilename()).toBe('quizrun-acts.jsonl');
    await audit.of('the audit log', page);
  });

  await test.step('signs out another browser, whose console asks to sign in', async () => {
    const elsewhere = await visitors.context();
    const host = await Host.signIn(elsewhere, stack.url(), email, NEW_PASSWORD);
    const run = await host.open(quizOf(ocean));
    const desk = await Console.open(elsewhere, stack.url(), run.id);
    await menu(page, 'Devices');
    const devices = page.getByRole('list', { name: 'Devices' }).getByRole('listitem');
    await expect(devices).toHaveCount(2);
    await expect(page.getByText('This device')).toBeVisible();
    await audit.of('the devices', page);
    await page.getByRole('button', { name: /^Sign out .*Chrom/ }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await audit.of('signing out a device', page);
    await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
    await expect(devices).toHaveCount(1);

    const dialog = desk.page.getByRole('dialog', { name: 'Your session has ended' });
    await expect(dialog).toBeVisible();
    await audit.of('a session that was ended elsewhere', desk.page);
    await dialog.getByLabel('Email address').fill(email);
    await dialog.getByLabel('Password').fill(NEW_PASSWORD);
    await dialog.getByLabel('Password').press('Enter');
    await expect(dialog).toBeHidden();
    await desk.press('Start');
    await desk.sees('Which ocean is the largest?');
  });
  audit.isClean();
});

test('the password is asked for again some time after signing in', async ({
  visitors,
  hosting,
  stack,
}) => {
  visitors.tolerate(CUT);
  const audit = new Audit();
  const page = await hosting.context.newPage();
  await page.goto(`${stack.url()}/host/account/password`);
  // simulates a session older than 15 minutes: the first request, without a password, is refused
  await page.route('**/api/v1/me/password', (route) =>
    (route.request().postDataJSON() as { current: string | null }).current === null
      ? route.fulfill({
          status: 403,
          contentType: 'application/problem+json',
          json: { code: 'sign_in_again', status: 403 },
        })
      : route.continue(),
  );
  await page.getByLabel('New password').fill(NEW_PASSWORD);
  await page.getByRole('button', { name: 'Change the password' }).click();
  const dialog = page.getByRole('dialog', { name: 'Is it you?' });
  await expect(dialog.getByLabel('Password')).toBeFocused();
  await audit.of('proving who one is', page);
  await dialog.getByLabel('Password').fill('not the password');
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('Wrong password.')).toBeVisible();
  await dialog.getByLabel('Password').fill(Host.password);
  await page.keyboard.press('Enter');
  await expect(page.getByText('Password changed. All')).toBeVisible();
  await expect(page.getByLabel('New password')).toHaveValue('');
  audit.isClean();
});

async function menu(page: Page, section: string): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Account' })
    .getByRole('link', { name: section })
    .click();
  await expect(page.getByRole('heading', { name: section, level: 1 })).toBeFocused();
}

async function signIn(page: Page, url: string, email: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password').fill(NEW_PASSWORD);
  await page.getByLabel('Password').press('Enter');
  await expect(page.getByRole('heading', { name: 'Your quizzes' })).toBeVisible();
}

/** Wait for the mail in the inbox and follow its link. */
async function followMail(
  page: Page,
  inbox: string,
  email: string,
  subject: string,
  audit?: Audit,
): Promise<void> {
  await page.goto(inbox);
  const mail = page
    .getByRole('article')
    .filter({ hasText: email })
    .filter({ has: page.getByRole('heading', { name: subject }) });
  await expect(mail).toBeVisible();
  await audit?.of('the inbox', page);
  await mail.getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}
