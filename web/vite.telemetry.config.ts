import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vite';

import { precompress } from './build/precompress.ts';

/**
 * What reports errors and traces, beside the client's own build and without anything in common with
 * it: where it is not configured, nobody loads a byte of it, nor a file split for its sake.
 */
export default defineConfig({
  plugins: [precompress()],
  publicDir: false,
  resolve: {
    alias: {
      '@': fileURLToPath(new URL('src', import.meta.url)),
    },
  },
  define: { __SENTRY_DEBUG__: false, __SENTRY_TRACING__: false },
  build: {
    target: 'es2022',
    emptyOutDir: false,
    manifest: '.vite/reports.json',
    license: { fileName: 'licenses-reports.txt' },
    modulePreload: false,
    sourcemap: process.env.QUIZRUN_SOURCE_MAPS ? 'hidden' : false,
    rolldownOptions: {
      input: { reports: 'src/telemetry/entry.ts' },
      output: { entryFileNames: 'assets/[name]-[hash].js' },
    },
  },
  experimental: {
    renderBuiltUrl: () => ({ relative: true }),
  },
});
