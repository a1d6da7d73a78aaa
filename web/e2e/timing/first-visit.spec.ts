/** A first visit on a slow phone and network. */
import { report } from '../harness/report.ts';
import { expect, PHONE, test } from '../harness/test.ts';
import { ocean, quizOf } from '../harness/quizzes.ts';

const INTERACTIVE_MS = 2_000;
/** "Slow 3G" as defined by WebPageTest. */
const SLOW_3G = {
  offline: false,
  latency: 400,
  downloadThroughput: 400_000 / 8,
  uploadThroughput: 400_000 / 8,
};
const CPU_SLOWDOWN = 4;
const LIMIT_BYTES = 100_000;

test('the PIN can be typed within 2 s on slow 3G with a four times slower CPU', async ({
  visitors,
  hosting,
  stack,
}) => {
  const { pin: digits } = await hosting.host.open(quizOf(ocean));
  const page = await visitors.page(PHONE);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', SLOW_3G);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
  await page.addInitScript(() => {
    const look = (): void => {
      const field = document.querySelector('input');
      if (field?.checkVisibility()) performance.mark('typeable');
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });

  await page.goto(stack.url(), { waitUntil: 'commit' });
  const pin = page.getByLabel('Quiz PIN');
  await pin.pressSequentially(digits);
  const typeable_ms = await page.evaluate(
    () => performance.getEntriesByName('typeable')[0]?.startTime ?? NaN,
  );
  await expect(pin).toHaveValue(digits);
  await pin.press('Enter');
  await expect(page.getByLabel('Nickname')).toBeVisible();
  const ready_ms = await page.evaluate(() => performance.now());
  report(
    `a PIN can be typed after ${typeable_ms.toFixed(0)} ms; ` +
      `typed and entered, the next page is there after ${ready_ms.toFixed(0)} ms`,
  );
  expect(typeable_ms).toBeLessThanOrEqual(INTERACTIVE_MS);
});

test('a player’s first visit stays within its transfer budget', async ({ visitors, hosting }) => {
  const run = await hosting.host.open({
    title: 'Short',
    questions: [{ type: 'slide', text: 'A slide', time_limit_s: 60 }],
  });
  const player = await visitors.player(PHONE);
  const devtools = await player.page.context().newCDPSession(player.page);
  await devtools.send('Network.enable');
  const counted = new Set<string>();
  let bytes = 0;
  devtools.on('Network.responseReceived', ({ requestId, type, response }) => {
    if (type !== 'Script' && type !== 'Stylesheet') return;
    counted.add(requestId);
    bytes -= response.encodedDataLength; // response headers
  });
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (counted.has(requestId)) bytes += encodedDataLength;
  });
  await player.join(run.pin, 'Ada');
  await run.command('start');
  await player.sees('A slide');
  report(`JavaScript and CSS of a first visit: ${(bytes / 1000).toFixed(1)} kB`);
  expect(counted.size).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(LIMIT_BYTES);
});
