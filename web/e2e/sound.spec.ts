/** A question with a sound: uploaded in the editor, played on a phone and on the big screen. */
import type { Locator, Page } from '@playwright/test';

import { Audit } from './harness/audit.ts';
import { ocean } from './harness/quizzes.ts';
import { Screen } from './harness/screen.ts';
import { expect, PHONE, test } from './harness/test.ts';

const LENGTH_S = 3;
const HEARD = 'Waves roll onto a beach, and a gull calls twice.';

/** A tone with 8,000 one-byte samples per second. */
function wav(seconds: number): Buffer {
  const samples = Buffer.alloc(8_000 * seconds);
  for (let at = 0; at < samples.length; at++)
    samples[at] = 128 + Math.round(40 * Math.sin((2 * Math.PI * 440 * at) / 8_000));
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8_000, 24);
  head.writeUInt32LE(8_000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

const audioOf = (page: Page): Locator => page.locator('audio').first();
const at_s = (page: Page): Promise<number> =>
  audioOf(page).evaluate((audio: HTMLAudioElement) => audio.currentTime);
const has = (page: Page, what: 'paused' | 'ended'): Promise<boolean> =>
  audioOf(page).evaluate((audio: HTMLAudioElement, name) => audio[name], what);
const file = (content: Buffer, name = 'waves.wav') => ({
  name,
  mimeType: 'audio/wav',
  buffer: content,
});

test('a sound added in the editor plays on a phone and on the big screen', async ({
  visitors,
  hosting,
  stack,
}) => {
  visitors.tolerate(/422/); // not a sound file
  const quiz = await hosting.host.createQuiz({ title: 'Sounds', questions: [ocean] });
  const editor = await hosting.context.newPage();
  await editor.goto(`${stack.url()}/host/quizzes/${quiz}`);
  const field = editor.getByRole('group', { name: 'Sound (optional)' });
  const chooser = field.locator('input[type=file]');
  await chooser.setInputFiles(file(Buffer.from('no sound at all')));
  await expect(field.getByRole('alert')).toContainText('can’t be used as a picture or sound');
  await chooser.setInputFiles(file(wav(LENGTH_S)));
  await field.getByRole('button', { name: 'Play the sound' }).click();
  await expect.poll(() => at_s(editor)).toBeGreaterThan(0.3);
  await field.getByRole('button', { name: 'Pause the sound' }).click();
  await field.getByRole('textbox', { name: 'Transcript' }).fill(HEARD);
  await expect
    .poll(async () => {
      const stored = await hosting.context.request.get(`${stack.url()}/api/v1/quizzes/${quiz}`);
      return ((await stored.json()) as { questions: [{ audio?: unknown }] }).questions[0].audio;
    })
    .toMatchObject({ text: HEARD, duration_ms: LENGTH_S * 1000 });
  const audit = new Audit();
  await audit.of('a sound in the editor', editor);

  const run = await hosting.host.open(quiz);
  const player = await visitors.player(PHONE);
  await player.join(run.pin, 'Ada');
  const screen = await Screen.open(hosting.context, stack.url(), run.id);
  await run.command('start');
  const phone = player.page;
  await expect(phone.getByRole('button', { name: 'Play the sound' })).toBeVisible();
  expect(await has(phone, 'paused')).toBe(true); // nothing plays automatically
  await phone.getByRole('button', { name: 'Play the sound' }).click();
  await expect.poll(() => at_s(phone)).toBeGreaterThan(0.3);
  await expect.poll(() => has(phone, 'ended'), { timeout: 15_000 }).toBe(true);
  await expect(phone.getByRole('button', { name: 'Play the sound' })).toBeVisible();

  const words = phone.getByRole('button', { name: 'Transcript' });
  await words.click();
  await expect(phone.getByText(HEARD)).toBeInViewport();
  await audit.of('a sound', phone);
  await phone.keyboard.press('Escape');
  await expect(words).toHaveAttribute('aria-expanded', 'false');

  await screen.sees(ocean.text);
  expect(await has(screen.page, 'paused')).toBe(true);
  await screen.page.keyboard.press('a');
  await expect.poll(() => at_s(screen.page)).toBeGreaterThan(0.3);
  await run.command('pause');
  await expect.poll(() => has(screen.page, 'paused')).toBe(true);
  const held_s = await at_s(screen.page);
  await run.command('resume');
  await expect.poll(() => at_s(screen.page)).toBeGreaterThan(held_s);
  await expect.poll(() => has(screen.page, 'ended'), { timeout: 15_000 }).toBe(true);
  await screen.page.getByRole('button', { name: 'Transcript' }).click();
  await expect(screen.page.getByText(HEARD)).toBeInViewport();
  await audit.of('a sound', screen.page);
  audit.isClean();
});
