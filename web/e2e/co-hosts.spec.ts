/** Quizzes and runs with several hosts, and account features beyond signing in. */
import type { Page } from '@playwright/test';

import { Audit } from './harness/audit.ts';
import { Console } from './harness/console.ts';
import { Host } from './harness/host.ts';
import { ocean, primes, quizOf } from './harness/quizzes.ts';
import { expect, PHONE, test } from './harness/test.ts';

/** Create an invitation link in the open dialog and return it. */
async function linkFor(page: Page, right: string): Promise<string> {
  const dialog = page.getByRole('dialog');
  await dialog.getByText(right, { exact: true }).click();
  await dialog.getByRole('button', { name: 'Create a link' }).click();
  const link = dialog.getByLabel('Invitation link');
  await expect(link).toBeVisible();
  return link.inputValue();
}

test('a host shares a quiz by link, and a visitor without an account copies it', async ({
  visitors,
  hosting,
  stack,
}) => {
  const quiz = quizOf(ocean, primes);
  await hosting.host.createQuiz(quiz);
  const audit = new Audit();
  const page = await hosting.context.newPage();
  await page.goto(`${stack.url()}/host/quizzes`);
  await page.getByRole('button', { name: `More actions for ${quiz.title}` }).click();
  await page.getByRole('menuitem', { name: 'Share…' }).click();
  const link = await linkFor(page, 'Control');
  await audit.of('the dialog that shares a quiz', page);

  const guest = await visitors.page(PHONE);
  await guest.goto(link);
  await guest.getByRole('link', { name: 'Create an account' }).click();
  expect(guest.url()).not.toContain(new URL(link).hash.slice(1));
  await guest.getByLabel('Your name').fill('Ada');
  await guest.getByLabel('Email address').fill(`ada-${crypto.randomUUID()}@example.org`);
  await guest.getByLabel('Password', { exact: true }).fill(Host.password);
  await guest.getByRole('button', { name: 'Create an account' }).click();
  await expect(guest.getByText(`Grace shares the quiz “${quiz.title}” with you.`)).toBeVisible();
  await audit.of('an invitation', guest);
  await guest.getByRole('button', { name: 'Accept' }).click();
  await guest.getByRole('link', { name: 'Your quizzes' }).click();
  const shared = guest.getByRole('list', { name: 'Shared with me' });
  await expect(shared.getByText('Control')).toBeVisible();
  await expect(shared.getByRole('link', { name: 'Edit' })).toBeHidden();
  await audit.of('the shared quizzes', guest);

  await test.step('and no longer has it once removed', async () => {
    await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByRole('button', { name: `More actions for ${quiz.title}` }).click();
    await page.getByRole('menuitem', { name: 'Share…' }).click();
    await page.getByRole('button', { name: 'Remove Ada' }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(page.getByText('Nobody yet.')).toBeVisible();
    await guest.reload();
    await expect(guest.getByText('Nothing shared with you')).toBeVisible();
  });
  audit.isClean();
});

test('a co-host takes over a run from another device until access is revoked', async ({
  visitors,
  hosting,
  stack,
}) => {
  visitors.tolerate(/403 \(Forbidden\)/);
  const run = await hosting.host.open(quizOf(ocean, primes), { auto_advance: false });
  const desk = await Console.open(hosting.context, stack.url(), run.id);
  await desk.page.getByRole('button', { name: 'More actions for this run' }).click();
  await desk.page.getByRole('menuitem', { name: 'Share…' }).click();
  const link = await linkFor(desk.page, 'Control');
  await desk.page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click();
  const ada = await (await visitors.player(PHONE)).join(run.pin, 'Ada');

  const context = await visitors.context();
  await Host.signUp(context, stack.url());
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.getByRole('link', { name: 'Open the console' }).click();
  const other = new Console(page);
  await other.press('Start');
  await ada.pick('Pacific');
  await expect(ada.heading('Right!')).toBeVisible();
  await other.press('Next question');
  await ada.sees('Which of these are prime?');
  await desk.sees('Which of these are prime?');

  const members = await hosting.host.call<{ members: { account_id: string }[] }>(
    'GET',
    `/runs/${run.id}/members`,
  );
  const removed = await hosting.context.request.delete(
    `${stack.url()}/api/v1/runs/${run.id}/members/${members.members[0]?.account_id}`,
  );
  expect(removed.status()).toBe(204);
  await expect(page.getByRole('heading', { name: 'You don’t have access to this.' })).toBeVisible();
  await desk.press('End question now');
  await expect(ada.heading(/Too late|Not quite|Time is up|Wrong|No answer/i).first()).toBeVisible();
});

test('viewers of a run have no buttons that control it', async ({ visitors, hosting, stack }) => {
  const run = await hosting.host.open(quizOf(ocean, primes));
  const context = await visitors.context();
  const guest = await Host.signUp(context, stack.url());
  const invitation = await hosting.host.call<{ url: string }>(
    'POST',
    `/runs/${run.id}/invitations`,
    { right: 'view' },
  );
  const token = new URL(invitation.url).hash.slice(1);
  await guest.call('POST', '/invitations/accept', { token });
  const page = await context.newPage();
  await page.goto(`${stack.url()}/host/runs`);
  await page.getByRole('link', { name: 'Open the console' }).click();
  await expect(page.getByText('You’re watching.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Start' })).toBeHidden();
  const audit = new Audit();
  await audit.of('the console of a viewer', page);
  audit.isClean();
});

test('a team has a library', async ({ hosting, stack }) => {
  const quiz = quizOf(ocean);
  await hosting.host.createQuiz(quiz);
  const audit = new Audit();
  const page = await hosting.context.newPage();
  await page.goto(`${stack.url()}/host/teams`);
  await page.getByRole('button', { name: 'New team' }).click();
  await page.getByLabel('Team name').fill('Physics');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Physics' })).toBeVisible();
  await audit.of('the teams', page);
  await page.getByRole('link', { name: 'Quizzes' }).click();
  await page.getByRole('button', { name: `More actions for ${quiz.title}` }).click();
  await page.getByRole('menuitem', { name: 'Team library…' }).click();
  await page.getByLabel('In the library of').selectOption('Physics');
  await audit.of('the dialog of the team library', page);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: `More actions for ${quiz.title}` }).click();
  await page.getByRole('menuitem', { name: 'Team library…' }).click();
  await expect(page.getByLabel('In the library of').locator('option:checked')).toHaveText(
    'Physics',
  );
  audit.isClean();
});

test('an API token is created, used by a script and revoked', async ({ hosting, stack }) => {
  await hosting.host.createQuiz(quizOf(ocean));
  const audit = new Audit();
  const page = await hosting.context.newPage();
  await page.goto(`${stack.url()}/host/account/tokens`);
  await page.getByRole('button', { name: 'Create a token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('Timetable');
  await audit.of('the dialog that makes a token', page);
  await dialog.getByRole('button', { name: 'Create a token' }).click();
  const token = await dialog.getByLabel('API token').inputValue();
  const asked = (method = 'GET') =>
    fetch(`${stack.url()}/api/v1/quizzes`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(method === 'GET' ? {} : { body: JSON.stringify(quizOf(primes)) }),
    });
  expect(((await (await asked()).json()) as { total: number }).total).toBe(1);
  expect((await asked('POST')).status).toBe(403); // the token is read-only
  await dialog.getByRole('button', { name: 'I have copied it' }).click();
  await audit.of('the tokens', page);
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByText('No tokens yet')).toBeVisible();
  expect((await asked()).status).toBe(401);
  audit.isClean();
});

test('a host requests the deletion of their account and cancels it', async ({ hosting, stack }) => {
  const audit = new Audit();
  const page = await hosting.context.newPage();
  await page.goto(`${stack.url()}/host/account/data`);
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download the archive' }).click();
  expect((await downloading).suggestedFilename()).toMatch(/^Quizrun .*\.zip$/);
  await page.getByRole('button', { name: 'Delete my account' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Password', { exact: true }).fill(Host.password);
  await dialog.getByRole('button', { name: 'Delete my account' }).click();
  await expect(page.getByText(/^Your account will be deleted on /)).toBeVisible();
  await audit.of('my data', page);
  await page.getByRole('button', { name: 'Keep my account' }).click();
  await expect(page.getByRole('button', { name: 'Delete my account' })).toBeVisible();
  audit.isClean();
});

test('an admin locks an account and views the log and the settings', async ({
  visitors,
  hosting,
  stack,
}) => {
  await stack.makeAdmin(hosting.host.email);
  const context = await visitors.context();
  const guest = await Host.signUp(context, stack.url());
  const audit = new Audit();
  const page = await hosting.context.newPage();
  await page.goto(`${stack.url()}/host/quizzes`);
  await page.getByRole('button', { name: 'Grace' }).click();
  await page.getByRole('menuitem', { name: 'Administration' }).click();
  await page.getByRole('searchbox').fill(guest.email);
  await expect(page.getByText('1 account', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: `Actions for ${guest.email}` }).click();
  await page.getByRole('menuitem', { name: 'Lock the account' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Lock the account' }).click();
  await expect(page.getByText('Locked', { exact: true })).toBeVisible();
  expect((await context.request.get(`${stack.url()}/api/v1/me`)).status()).toBe(401);
  await audit.of('the accounts', page);
  await page.getByRole('radio', { name: 'Audit log' }).check();
  await page.getByRole('combobox', { name: 'Action' }).selectOption('Account changed by an admin');
  const lines = page.getByRole('row', { name: /Account changed by an admin.*disabled: true/ });
  await expect(lines.first()).toBeVisible();
  await audit.of('the audit log', page);
  await page.getByRole('searchbox', { name: 'IP address' }).fill('192.0.2.1');
  await expect(page.getByText('Nothing yet', { exact: true })).toBeVisible();
  await page.getByRole('radio', { name: 'Log', exact: true }).check();
  await expect(page.getByText('change_account').first()).toBeVisible();
  await page.getByRole('radio', { name: 'Settings' }).check();
  await page.getByRole('searchbox').fill('public_url');
  await expect(page.getByText('public_url', { exact: true })).toBeVisible();
  await audit.of('the settings', page);
  await page.getByRole('link', { name: 'Live runs, for operators' }).click();
  await expect(page).toHaveURL(/\/admin$/);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  audit.isClean();
});
