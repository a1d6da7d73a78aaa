/** Reports uncaught errors to the visitor, instead of leaving a page that does not respond. */
import type { App } from 'vue';

import { ApiError } from '@/api/problem';
import { t } from '@/i18n';

import { toastError, toastWithAction } from './toasts';

/** Errors of failed imports, as reported by the bundler's runtime. */
const missing = new WeakSet<object>();
/** A browser warning without consequences. */
const HARMLESS = 'ResizeObserver loop';

/** Whether an error means that a chunk could not be loaded. */
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
    // without an error object it comes from a cross-origin script, such as an extension
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

/** Whether the operation was cancelled on purpose. */
function isAbort(error: unknown): boolean {
  return !(error instanceof ApiError) && error instanceof Error && error.name === 'AbortError';
}
