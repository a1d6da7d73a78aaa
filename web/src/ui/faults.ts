/** Reports uncaught errors to the visitor, instead of leaving a page that does not respond. */
import type { App } from 'vue';

import { ApiError } from '@/api/problem';
import { t } from '@/i18n';

import { toastError, toastWithAction } from './toasts';

/** Errors of imports that failed, as the bundler's runtime tells them. */
const missing = new WeakSet<object>();
/** Of a browser itself, without any effect. */
const HARMLESS = 'ResizeObserver loop';

/** Whether an error means that a part of the application could not be fetched. */
export function isMissingPart(error: unknown): boolean {
  return typeof error === 'object' && error !== null && missing.has(error);
}

export function catchFaults(app: App): void {
  app.config.errorHandler = (error) => {
    console.error(error); // eslint-disable-line no-console -- as Vue does without a handler
    say(error);
  };
  window.addEventListener('vite:preloadError', ({ payload }) => missing.add(payload));
  window.addEventListener('unhandledrejection', ({ reason }) => say(reason));
  window.addEventListener('error', ({ error, message }) => {
    // without an error it comes from a script of another origin: an extension's
    if (error && !message.startsWith(HARMLESS)) say(error);
  });
}

function say(error: unknown): void {
  if (isMissingPart(error)) sayMissing();
  else if (!isAbort(error)) void toastError(error);
}

function sayMissing(): void {
  const label = t('common.part_missing.reload');
  const run = (): void => location.reload();
  toastWithAction(t('common.part_missing.text'), { label, run }, 'error');
}

/** What was given up on purpose. */
function isAbort(error: unknown): boolean {
  return !(error instanceof ApiError) && error instanceof Error && error.name === 'AbortError';
}
