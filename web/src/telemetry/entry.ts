/**
 * Buffers errors from page load on, and loads the reporter after the first screen. It runs beside
 * the application, usually before it, and imports nothing of it, so that it stays a separate file.
 */
import type { App } from 'vue';

import type { ReportsConfig } from './config';
import type { Taps } from './taps';
import type { Traces } from './traces';

/** An error and its source. */
export interface Caught {
  error: unknown;
  by: 'onerror' | 'onunhandledrejection' | 'vue';
}

const KEPT = 20;
const LATEST_MS = 5_000;

const kept: Caught[] = [];
let tell = (caught: Caught): void => {
  if (kept.length < KEPT) kept.push(caught);
};
let traces: Traces | undefined;
let tapped: App['config']['errorHandler'];

const taps: Taps = {
  app(app: App) {
    const { errorHandler } = app.config;
    if (errorHandler === tapped) return;
    tapped = (...caught) => {
      errorHandler?.(...caught); // the application's own handler, which shows the error
      tell({ error: caught[0], by: 'vue' });
    };
    app.config.errorHandler = tapped;
  },
  answer: (place, question, send) => traces?.answer(place, question, send) ?? send(),
  applied: (place, event) => traces?.applied(place, event),
};
window.quizrun = taps;
addEventListener('error', ({ error, message }) =>
  tell({ error: (error as unknown) ?? new Error(message), by: 'onerror' }),
);
addEventListener('unhandledrejection', ({ reason }) =>
  tell({ error: reason as unknown, by: 'onunhandledrejection' }),
);
if (document.readyState === 'complete') later();
else addEventListener('load', later);

function later(): void {
  // Safari lacks requestIdleCallback
  if ('requestIdleCallback' in window) requestIdleCallback(start, { timeout: LATEST_MS });
  else setTimeout(start, 1_000);
}

/** Attach to an application that was created earlier. */
function join(): void {
  const root = document.getElementById('app') as { __vue_app__?: App } | null;
  if (root?.__vue_app__) taps.app(root.__vue_app__);
}

function start(): void {
  join();
  load().catch(() => undefined); // without a network nothing can be reported either
}

async function load(): Promise<void> {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="quizrun-reports"]');
  const config = JSON.parse(meta?.content ?? '{}') as ReportsConfig;
  if (config.traces && Math.random() < config.traces.share) {
    const { Traces } = await import('./traces');
    traces = new Traces(config.traces, config);
  }
  if (config.sentry) {
    const { reporter } = await import('./sentry');
    tell = reporter(config.sentry, config);
    kept.splice(0).forEach((caught) => tell(caught));
  }
}
