/** Pictures as options, code, formulas, and imports. */
import { Audit } from './harness/audit.ts';
import { ocean, type Question } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { expect, PHONE, test } from './harness/test.ts';

/** 1 × 1 pixel. */
const GIF = Buffer.from('R0lGODdhAwACAIEAAMgePAAAAAAAAAAAACwAAAAAAwACAAAIBgABCBwYEAA7', 'base64');

test('pictures, code and formulas are shown to players and on the big screen', async ({
  visitors,
  hosting,
  stack,
}) => {
  const uploaded = await hosting.context.request.post(`${stack.url()}/api/v1/media`, {
    data: GIF,
  });
  const { url } = (await uploaded.json()) as { url: string };
  const question: Question & { option_media: unknown } = {
    ...ocean,
    text: 'What is $\\frac{1}{2}$ of it?\n```\nif a:\n    b()\n```',
    options: ['', '$x^2$', 'It costs $5'],
    option_media: [{ url, alt: 'A red square' }, null, null],
    correct: [0],
    explanation: 'שלום וברכה לכולם',
  };
  const run = await hosting.host.open({ title: 'Rich', language: 'de', questions: [question] });
  const player = await visitors.player(PHONE);
  await player.join(run.pin, 'Ada');
  const screen = await Screen.open(hosting.context, stack.url(), run.id);
  await run.command('start');
  for (const page of [player.page, screen.page]) {
    const asked = page.getByRole('heading', { level: 1 });
    await expect(asked.locator('code')).toHaveText(/if a:\n {4}b\(\)/);
    await expect(asked.locator('math')).toHaveCount(1);
    await expect(asked).toHaveAttribute('lang', 'de');
    await expect(page.getByRole('img', { name: 'A red square' })).toBeVisible();
    await expect(page.getByRole('main').getByText('It costs $5')).toBeVisible();
  }
  const audit = new Audit();
  await audit.of('code, formulas and pictures', player.page, screen.page);
  audit.isClean();
  await player.page.getByRole('button', { name: 'A red square' }).click();
  await expect(player.page.getByText('Right!').first()).toBeVisible();
  // explanations are aligned by their own language, not centred like the question
  for (const page of [player.page, screen.page]) {
    const explanation = page.getByRole('main').getByText('שלום');
    await expect(explanation).toHaveCSS('direction', 'rtl');
    await expect(explanation).toHaveCSS('text-align', 'start');
    await expect(explanation).not.toHaveCSS('padding-right', '0px');
    await expect(explanation).toHaveCSS('padding-left', '0px');
  }
});

test('questions pasted into the library are previewed and opened in the editor', async ({
  hosting,
  stack,
}) => {
  const page = await hosting.context.newPage();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/api/v1/quizzes?*', async (route) => {
    await released;
    await route.continue();
  });
  await page.goto(`${stack.url()}/host/quizzes`);
  await expect(page.getByRole('heading', { name: 'Your quizzes' })).toBeVisible();
  // a button inside the loading state would be replaced, and pasted text lost
  await expect(page.getByRole('button', { name: 'From text or a table' })).toHaveCount(0);
  release();
  await page.getByRole('button', { name: 'From text or a table' }).click();
  const text = page.getByRole('textbox', { name: 'Your questions' });
  await text.fill(
    '1. Which is a star?\na) Moon\n*b) Sun\n\n2. And which is a moon?\n- Io\n- Sun\n',
  );
  await expect(page.getByRole('heading', { name: '2 questions found' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'Line 5' })).toContainText(
    'No answer is marked as right.',
  );
  const audit = new Audit();
  await audit.of('questions from a text', page);
  audit.isClean();
  await page.getByRole('button', { name: 'Open in the editor' }).click();
  await expect(page.getByRole('textbox', { name: 'Question' })).toHaveValue('Which is a star?');
});
