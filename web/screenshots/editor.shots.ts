/** Question previews in the editor. */
import type { Page } from '@playwright/test';

import { inventions, ocean, tower, welcome, whale, type Question } from '../e2e/harness/quizzes.ts';
import { Camera, SIZES } from './camera.ts';
import { uploadFlag } from './picture.ts';
import { expect, test } from './test.ts';

const camera = new Camera('editor');
const VIEWS = ['Phone', 'Phone: reveal', 'Big screen', 'Big screen: reveal'];

const code: Question = {
  type: 'multiple',
  text: 'What is $\\frac{1}{2}$ of what this gives?\n```\nfor i in range(4):\n    print(i)\n```',
  options: ['$\\sqrt{9}$', '`3 / 2`', 'It costs $5', 'Nothing at all'],
  correct: [0, 1],
  explanation: 'The last line is `3`. Half of it is $1.5$, and so is the square root of $2.25$.',
};
const arabic: Question = {
  type: 'single',
  text: 'ما هي عاصمة فرنسا؟',
  options: ['باريس', 'روما', 'مدريد', 'لندن'],
  correct: [0],
  explanation: 'باريس هي عاصمة فرنسا وأكبر مدنها.',
};

async function views(page: Page, name: string): Promise<void> {
  await page.setViewportSize(SIZES.phone);
  await page.getByRole('navigation', { name: 'Parts of the editor' }).getByText('Preview').click();
  for (const view of VIEWS) {
    await page.getByRole('tab', { name: view, exact: true }).click();
    const slug = view.toLowerCase().replace(/\W+/g, '-');
    await camera.take(`${name}-${slug}`, { phone: page, laptop: page, wall: page });
  }
}

test('previews', async ({ visitors, hosting, stack }) => {
  visitors.tolerate(/Failed to load resource/); // a missing picture
  const page = await hosting.context.newPage();
  const { url } = await uploadFlag(hosting.context, stack.url());
  const pictures: Question = {
    ...ocean,
    text: 'Which one is Norway’s?',
    option_media: [{ url, alt: 'A flag' }, null, { url, alt: 'Another flag' }, null],
    media: { url, alt: 'A flag' },
  };
  const questions = [pictures, code, tower, whale, inventions, welcome];
  const english = await hosting.host.createQuiz({ title: 'Previews', language: 'en', questions });
  const arab = await hosting.host.createQuiz({
    title: 'عواصم',
    language: 'ar',
    questions: [arabic],
  });
  const open = async (id: string, at: number): Promise<void> => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`${stack.url()}/host/quizzes/${id}`);
    const list = page.getByRole('region', { name: 'Questions' });
    await list.getByRole('listitem').nth(at).locator('.pick').click();
  };
  for (const [at, question] of questions.entries()) {
    await open(english, at);
    await views(page, question === pictures ? 'pictures' : question.type);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole('button', { name: 'Enlarge' }).click();
  await camera.take('enlarged', { phone: page, laptop: page, wall: page });
  await open(arab, 0);
  await views(page, 'arabic');
  await page.goto(`${stack.url()}/host/quizzes/new-${crypto.randomUUID()}`);
  await expect(page.getByLabel('Quiz title')).toBeVisible();
  await views(page, 'blank');
});
