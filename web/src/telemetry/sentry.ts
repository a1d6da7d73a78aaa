/**
 * Reports errors to Sentry. Only errors are collected, with the page's address without its query;
 * no breadcrumbs, sessions, requests, or storage.
 */
import {
  captureException,
  dedupeIntegration,
  functionToStringIntegration,
  httpContextIntegration,
  init,
  type ErrorEvent,
} from '@sentry/vue';

import type { Origin, SentryConfig } from './config';
import type { Caught } from './entry';
import { scrub } from './scrub';

/** Maximum reports per page, as a recurring error adds no information. */
const MOST = 20;
/** Network errors and aborted requests. */
const ORDINARY =
  /Failed to fetch|NetworkError|Load failed|dynamically imported module|AbortError|ResizeObserver/;

/** Initialize, and return a function that reports errors. */
export function reporter(config: SentryConfig, origin: Origin): (caught: Caught) => void {
  let left = MOST;
  init({
    dsn: config.dsn,
    release: origin.release,
    environment: origin.environment,
    sampleRate: config.sample_rate,
    defaultIntegrations: false,
    integrations: [dedupeIntegration(), functionToStringIntegration(), httpContextIntegration()],
    maxBreadcrumbs: 0,
    sendClientReports: false,
    transportOptions: { bufferSize: MOST },
    ignoreErrors: [ORDINARY],
    beforeSend: (event) => (left-- > 0 ? clean(event) : null),
  });
  return ({ error, by }) => {
    if (retryable(error)) return;
    captureException(error, { mechanism: { type: by, handled: by === 'vue' } });
  };
}

/** The event without personal data. */
export function clean(event: ErrorEvent): ErrorEvent {
  const { event_id, release, sdk, request, user: _user, extra: _extra, ...rest } = event;
  const url = request?.url?.split(/[?#]/)[0];
  const agent = request?.headers?.['User-Agent'];
  return {
    ...scrub(rest),
    ...(event_id && { event_id }),
    ...(release && { release }),
    ...(sdk && { sdk }),
    request: { ...(url && { url }), ...(agent && { headers: { 'User-Agent': agent } }) },
  };
}

/** Refusals that the application handles, such as those of a restarting gateway. */
function retryable(error: unknown): boolean {
  return error instanceof Error && 'retryable' in error && error.retryable === true;
}
