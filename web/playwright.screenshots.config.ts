import { defineConfig } from '@playwright/test';

import { chromiumPath, CHROMIUM_ARGS } from './e2e/harness/chromium.ts';
import tests from './playwright.config.ts';

// what QR codes and the big screen tell people to type, whatever port the stack has
const HOST = 'play.example.org';
process.env.QUIZRUN_PUBLIC_URL = `http://${HOST}`;

/** Contact sheets, and the pictures of README and docs. */
const MADE_OF_OTHERS = ['sheets.shots.ts', 'images.shots.ts'];

/** `make screenshots`: every screen of the client, photographed on the real stack. */
export default defineConfig({
  ...tests,
  testDir: 'screenshots',
  testMatch: '*.shots.ts',
  timeout: 400_000,
  use: {
    ...tests.use,
    launchOptions: {
      executablePath: chromiumPath(),
      args: [...CHROMIUM_ARGS, `--host-resolver-rules=MAP ${HOST} 127.0.0.1`],
    },
  },
  projects: [
    { name: 'screens', testIgnore: MADE_OF_OTHERS, teardown: 'sheets' },
    { name: 'sheets', testMatch: MADE_OF_OTHERS },
  ],
});
