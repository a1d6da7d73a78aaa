/**
 * Reports of errors to Sentry. Nothing of what people do or type is collected: no breadcrumbs, no
 * sessions, no requests, no storage; only errors, with the address of the page without its query.
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

/** Of one page; an error that comes with every frame says nothing more. */
const MOST = 20;
/** What a browser without a network says, and requests that were given up. */
const ORDINARY =
  /Failed to fetch|NetworkError|Load failed|dynamically imported module|AbortError|ResizeObserver/;

/** Begin, and return what takes errors in. */
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

/** The event without anything personal; what it says of itself stays. */
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

/** Refusals that the application deals with, such as those of a gateway that is restarting. */
function retryable(error: unknown): boolean {
  return error instanceof Error && 'retryable' in error && error.retryable === true;
}
