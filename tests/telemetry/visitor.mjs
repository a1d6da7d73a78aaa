/**
 * A player's browser, driven by the tests in Python: `node visitor.mjs URL`. It reads commands as
 * lines of JSON, `{"do": …}`, and answers each with a line, `{"done": …}` or `{"failed": …}`.
 */
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');

const url = process.argv[2];
const browser = await chromium.launch({
  executablePath: process.env.QUIZRUN_CHROMIUM,
  args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-quic'],
});
const context = await browser.newContext({ serviceWorkers: 'block', locale: 'en-GB' });
context.setDefaultTimeout(30_000);
const page = await context.newPage();

const loaded = (chunk) =>
  page.waitForFunction(
    (name) => performance.getEntriesByType('resource').some((one) => one.name.includes(name)),
    `/assets/${chunk}-`,
  );

const commands = {
  async open({ path }) {
    await page.goto(`${url}${path}`);
  },
  async loaded({ chunk }) {
    await loaded(chunk);
  },
  /** When chunks were asked for, and when the page was complete: ms after it was opened. */
  async timing() {
    return page.evaluate(() => {
      const [{ loadEventStart }] = performance.getEntriesByType('navigation');
      const asked = performance.getEntriesByType('resource').map(({ name, startTime }) => {
        return [/assets\/(\w+)-/.exec(name)?.[1] ?? name, startTime];
      });
      return { complete: loadEventStart, ...Object.fromEntries(asked) };
    });
  },
  async join({ nickname }) {
    await page.getByLabel('Nickname').fill(nickname);
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await page.getByRole('heading', { name: 'You’re in!' }).waitFor();
  },
  async pick({ text }) {
    await page.getByRole('group', { name: 'Answers' }).getByRole('button', { name: text }).click();
    await page.getByRole('main').getByText('Locked in').waitFor();
  },
  async reveal({ heading }) {
    await page.getByRole('heading', { name: heading }).waitFor();
  },
  /** A fault of the browser's in what a component does. */
  async breakJoining({ secret }) {
    await page.evaluate((text) => {
      crypto.getRandomValues = () => {
        const password = text;
        throw new Error(`joining: ${password}`);
      };
    }, secret);
    await page.getByLabel('Nickname').fill('Ada');
    await page.getByRole('button', { name: 'Join', exact: true }).click();
  },
  async raise({ secret }) {
    await page.evaluate((text) => {
      setTimeout(() => {
        throw new Error(`timer: ${text}`);
      });
      void Promise.reject(new Error(`promise: ${text}`));
    }, secret);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  try {
    console.log(JSON.stringify({ done: (await commands[command.do](command)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ failed: String(error) }));
  }
}
await browser.close();
