/** The server's capabilities, cached. */
import { api, call } from '@/api/client';
import type { components } from '@/protocol/http';

type About = components['schemas']['About'];

let asked: Promise<About> | null = null;

/** Rejects with an `ApiError`; then the next call retries. */
export function aboutServer(): Promise<About> {
  asked ??= call(api.GET('/api/v1/about')).catch((error: unknown) => {
    asked = null;
    throw error;
  });
  return asked;
}
