/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url';

import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

import { chunks } from './build/chunks.ts';
import { katexFonts } from './build/katex-fonts.ts';
import { messages } from './build/messages.ts';
import { notices } from './build/notices.ts';
import { precompress } from './build/precompress.ts';
import { preload } from './build/preload.ts';
import { serviceWorker } from './build/service-worker.ts';
import { shellTexts } from './build/shell-texts.ts';
import { slimSocket } from './build/slim-socket.ts';

const GATEWAY = process.env.QUIZRUN_GATEWAY ?? 'http://127.0.0.1:8000';
const LICENSES = 'licenses.txt';

export default defineConfig({
  plugins: [
    messages(),
    shellTexts(),
    slimSocket(),
    katexFonts(),
    vue(),
    preload(),
    serviceWorker(),
    notices(LICENSES),
    precompress(),
  ],
  resolve: {
    alias: {
      '@': fileURLToPath(new URL('src', import.meta.url)),
    },
  },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
    __INTLIFY_DROP_MESSAGE_COMPILER__: true,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: {
    target: 'es2022',
    manifest: true,
    license: { fileName: LICENSES },
    assetsInlineLimit: 0, // the content policy allows no data: scripts or fonts
    modulePreload: { polyfill: false },
    // for Sentry alone: `scripts/release.mjs` takes them away before anything is served
    sourcemap: process.env.QUIZRUN_SOURCE_MAPS ? 'hidden' : false,
    rolldownOptions: {
      input: { index: 'index.html', sw: 'src/sw/worker.ts' },
      output: {
        entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
        codeSplitting: { groups: chunks },
      },
    },
  },
  experimental: {
    // Pages name files from the root, which the gateway moves to a CDN; files name one another relatively.
    renderBuiltUrl: (file, { hostType }) => (hostType === 'html' ? `/${file}` : { relative: true }),
  },
  server: {
    proxy: {
      '/api': GATEWAY,
      '/media': GATEWAY,
      '/socket.io': { target: GATEWAY, ws: true },
    },
  },
  test: {
    environment: 'happy-dom',
    // Each file has globals and modules of its own, but processes load happy-dom only once, which took
    // two thirds of the time.
    pool: 'vmForks',
    // by default one process fewer than cores, which is a single one on two cores
    maxWorkers: '100%',
    include: ['src/**/*.test.ts', 'build/**/*.test.ts'],
    setupFiles: ['src/testing/setup.ts'],
    restoreMocks: true,
    coverage: {
      reportOnFailure: true,
      include: ['src/**/*.{ts,vue}'],
      exclude: ['src/**/*.test.ts', 'src/testing/**', 'src/protocol/**'],
      reporter: ['text-summary', 'html'],
    },
  },
});
