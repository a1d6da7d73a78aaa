/** A host's account: sign-in, mailed links, settings, and the demo inbox. */
import type { Page } from '@playwright/test';

import { Host } from '../e2e/harness/host.ts';
import { Camera } from './camera.ts';
import { CUT, expect, test } from './test.ts';

const camera = new Camera('account');

test('an account', async ({ visitors, stack }) => {
  visitors.tolerate(CUT);
  const page = await visitors.page();
  const sizes = { small: page, phone: page, laptop: page };
  const show = async (path: string, name: string, heading: string): Promise<void> => {
    await page.goto(`${stack.url()}${path}`);
    await expect(page.getByRole('heading', { name: heading, level: 1 })).toBeVisible();
    await camera.take(name, sizes, true);
  };
  await show('/host/sign-in', 'sign-in', 'Welcome back');
  await show('/host/forgot-password', 'forgot', 'Reset your password');
  await page.getByLabel('Email address').fill('ada@example.org');
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByText('is on its way')).toBeVisible();
  await camera.take('forgot-sent', sizes, true);
  await show('/host/reset-password', 'reset-no-link', 'Open the link');
  await show('/host/reset-password#none', 'reset', 'Choose a new password');
  await show('/host/verify-email#none', 'verify-expired', 'This link no longer works');

  const host = await Host.signUp(page.context(), stack.url());
  await signedInElsewhere(await visitors.page(), host, stack.url());
  await show('/host/quizzes', 'library-unverified', 'Your quizzes');
  await show('/host/account/profile', 'profile', 'Profile');
  await show('/host/account/password', 'password', 'Password');
  await show('/host/account/sessions', 'devices', 'Devices');
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await camera.take('devices-dialog', sizes);
  await show('/host/account/activity', 'activity', 'Activity');
  await show('/inbox', 'inbox', 'Inbox');
});

async function signedInElsewhere(page: Page, host: Host, url: string): Promise<void> {
  await Host.signIn(page.context(), url, host.email);
}
