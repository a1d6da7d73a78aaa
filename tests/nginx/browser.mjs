// Players in a real browser, driven by lines of JSON: the address, then calls.
//
// Standard input:  {"call", "do": "join", "url", "pin", "nickname"}, {"call", "do": "sees", "text"},
//                  {"call", "do": "pick", "text"}, {"call", "do": "session"}
// Standard output: {"call", "result"} or {"call", "failed"} for each call
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('@playwright/test');

const PATIENCE_MS = 30_000;
const root = process.getuid?.() === 0;
const browser = await chromium.launch({
  executablePath: process.env.QUIZRUN_CHROMIUM,
  args: [...(root ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-quic', '--no-first-run'],
});
const context = await browser.newContext({
  ignoreHTTPSErrors: true, // the authority is the test's own
  serviceWorkers: 'block',
  locale: 'en-GB',
});
const page = await context.newPage();
page.setDefaultTimeout(PATIENCE_MS);

// The ids of the Engine.IO sessions that the page has had, the newest last.
const sessions = [];
page.on('websocket', (socket) =>
  socket.on('framereceived', ({ payload }) => {
    const text = String(payload);
    if (text.startsWith('0{')) sessions.push(JSON.parse(text.slice(1)).sid);
  }),
);

const actions = {
  async join({ url, pin, nickname }) {
    await page.goto(`${url}/join/${pin}`);
    await page.getByLabel('Nickname').fill(nickname);
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await page.getByRole('heading', { name: 'You’re in!' }).waitFor();
  },
  sees: ({ text }) => page.getByRole('main').getByText(text).first().waitFor(),
  pick: ({ text }) =>
    page.getByRole('group', { name: 'Answers' }).getByRole('button', { name: text }).click(),
  session: async () => sessions.at(-1),
};

console.log(JSON.stringify({ call: 0, result: 'ready' }));
for await (const line of createInterface({ input: process.stdin })) {
  const { call, do: action, ...more } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ call, result: (await actions[action](more)) ?? null }));
  } catch (error) {
    const shown = await page.getByRole('main').innerText().catch(() => '');
    console.log(JSON.stringify({ call, failed: `${error.message}\nThe page shows:\n${shown}` }));
  }
}
await browser.close();
