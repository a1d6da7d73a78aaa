import { defineConfig } from '@playwright/test';

import { chromiumPath, CHROMIUM_ARGS } from './e2e/harness/chromium.ts';

/** Everything runs on one real stack (`harness/setup.ts`), in the machine's own Chromium. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  globalSetup: './e2e/harness/setup.ts',
  reporter: [['list']],
  fullyParallel: true,
  // with three browsers on two cores, time limits measured the machine
  workers: 2,
  // As with the tests in Python: in CI a failed test runs once more, and its first failure is a fault to
  // find.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  use: {
    launchOptions: { executablePath: chromiumPath(), args: CHROMIUM_ARGS },
    locale: 'en-GB',
    colorScheme: 'light',
    // it would fetch all files for each visitor
    serviceWorkers: 'block',
    // without a GPU, what moves costs the machine most
    contextOptions: { reducedMotion: 'reduce' },
    actionTimeout: 20_000,
    navigationTimeout: 20_000,
    trace: 'off',
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'clients', testIgnore: 'timing/**', teardown: 'timing' },
    // what is measured in milliseconds has the machine to itself, after everything else
    { name: 'timing', testDir: 'e2e/timing', workers: 1 },
  ],
});
