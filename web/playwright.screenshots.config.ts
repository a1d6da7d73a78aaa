import { defineConfig } from '@playwright/test';

import tests from './playwright.config.ts';

// what QR codes and the big screen tell people to type, whatever port the stack has
process.env.QUIZRUN_PUBLIC_URL = 'http://play.example.org';

/** `make screenshots`: every screen of the client, photographed on the real stack. */
export default defineConfig({
  ...tests,
  testDir: 'screenshots',
  testMatch: '*.shots.ts',
  timeout: 400_000,
  projects: [
    { name: 'screens', testIgnore: 'images.shots.ts', teardown: 'images' },
    // those of README and docs are made of the others
    { name: 'images', testMatch: 'images.shots.ts' },
  ],
});
