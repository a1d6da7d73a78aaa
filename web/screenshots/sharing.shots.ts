/** Co-hosts, teams, API tokens, data export, administration. */
import { Host } from '../e2e/harness/host.ts';
import { everyType, ocean, primes, quizOf } from '../e2e/harness/quizzes.ts';
import { Camera } from './camera.ts';
import { expect, PHONE, test } from './test.ts';

const camera = new Camera('sharing');

test('hosts who work together', async ({ visitors, hosting, stack }) => {
  const { host, context } = hosting;
  const quiz = await host.createQuiz(quizOf(ocean, primes));
  const unshared = await host.createQuiz(everyType);
  const other = await visitors.context();
  const guest = await Host.signUp(other, stack.url());
  const take = async (path: string, right: string): Promise<void> => {
    const { url } = await host.call<{ url: string }>('POST', `${path}/invitations`, { right });
    await guest.call('POST', '/invitations/accept', { token: new URL(url).hash.slice(1) });
  };
  await take(`/quizzes/${quiz}`, 'edit');
  await host.call('POST', `/quizzes/${quiz}/invitations`, {
    right: 'view',
    email: 'somebody.with.a.long.name@school.example.org',
  });
  const run = await host.open(unshared);
  await take(`/runs/${run.id}`, 'view');
  const team = await host.call<{ id: string }>('POST', '/teams', { name: 'Physics, year 9' });
  await take(`/teams/${team.id}`, 'edit');
  await host.call('POST', '/me/api-tokens', { name: 'Timetable', scopes: ['runs:write'] });

  const page = await context.newPage();
  const show = async (name: string): Promise<void> => {
    await camera.take(name, { small: page, phone: page, laptop: page });
    await page.setViewportSize({ width: 1366, height: 768 });
  };
  await page.setViewportSize({ width: 1366, height: 768 });
  await page.goto(`${stack.url()}/host/quizzes`);
  await page.getByRole('button', { name: 'More actions for A short quiz' }).click();
  await page.getByRole('menuitem', { name: 'Share…' }).click();
  await expect(page.getByText('Pending invitations')).toBeVisible();
  await show('share');
  await page.getByRole('button', { name: 'Create a link' }).click();
  await expect(page.getByLabel('Invitation link')).toBeVisible();
  await show('share-link');
  const link = await page.getByLabel('Invitation link').inputValue();
  await page.goto(`${stack.url()}/host/teams`);
  await expect(page.getByRole('heading', { name: 'Physics' })).toBeVisible();
  await show('teams');
  await page.goto(`${stack.url()}/host/quizzes`);
  await page.getByRole('button', { name: 'More actions for A short quiz' }).click();
  await page.getByRole('menuitem', { name: 'Team library…' }).click();
  await page.getByLabel('In the library of').selectOption({ index: 1 });
  await show('team-library');
  await page.goto(`${stack.url()}/host/account/tokens`);
  await expect(page.getByRole('heading', { name: 'Timetable' })).toBeVisible();
  await show('tokens');
  await page.getByRole('button', { name: 'Create a token' }).click();
  await show('token-new');
  await page.getByLabel('Name', { exact: true }).fill('Results to the grade book');
  await page.getByRole('dialog').getByRole('button', { name: 'Create a token' }).click();
  await expect(page.getByLabel('API token')).toBeVisible();
  await show('token-once');
  await page.goto(`${stack.url()}/host/account/data`);
  await expect(page.getByRole('button', { name: 'Delete my account' })).toBeVisible();
  await show('data');
  await host.call('POST', '/me/deletion', { password: Host.password });
  await page.reload();
  await expect(page.getByRole('button', { name: 'Keep my account' })).toBeVisible();
  await show('data-planned');
  await stack.makeAdmin(host.email);
  await page.goto(`${stack.url()}/host/admin`);
  await expect(page.getByText(guest.email)).toBeVisible();
  await show('admin');
  await page.getByRole('radio', { name: 'Settings' }).check();
  await expect(page.getByText('public_url', { exact: true })).toBeVisible();
  await show('admin-settings');

  const theirs = await other.newPage();
  await theirs.goto(`${stack.url()}/host/quizzes?show=shared`);
  await expect(theirs.getByText('by Grace')).toBeVisible();
  await camera.take('shared-quizzes', { small: theirs, phone: theirs, laptop: theirs });
  await theirs.goto(`${stack.url()}/host/runs`);
  await expect(theirs.getByRole('link', { name: 'Open the console' })).toBeVisible();
  await camera.take('shared-runs', { small: theirs, phone: theirs, laptop: theirs });
  await theirs.getByRole('link', { name: 'Open the console' }).click();
  await expect(theirs.getByText('You’re watching.')).toBeVisible();
  await camera.take('console-viewer', { phone: theirs, laptop: theirs });
  const invitation = `${stack.url()}/host/invitation${new URL(link).hash}`;
  await theirs.goto(invitation);
  await expect(theirs.getByRole('button', { name: 'Accept' })).toBeVisible();
  await camera.take('invitation', { small: theirs, phone: theirs, laptop: theirs });
  const stranger = await visitors.page(PHONE);
  await stranger.goto(invitation);
  await expect(stranger.getByRole('link', { name: 'Sign in' })).toBeVisible();
  await camera.take('invitation-signed-out', { phone: stranger });
});
