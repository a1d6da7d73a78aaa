/** Fetches a file for `ask`, which signs in again where needed. */
import { ApiError } from '@/api/problem';

/** A workbook with ten thousand players takes long. */
const TIMEOUT_MS = 180_000;

/** Uses `fetch` instead of a link, so that errors are shown and not saved as a file. */
export async function fetchFile(address: string) {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) return { data: await response.blob(), response };
    return { error: await response.json().catch(() => null), response };
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    throw new ApiError(late ? 'timeout' : 'offline', 'The file did not come.', 0, true);
  }
}
