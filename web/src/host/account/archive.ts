/** Downloads the account's archive. It may take minutes, longer than the API's usual timeout. */
import { ApiError } from '@/api/problem';
import { ask } from '@/session/ask';

import { fileName, saveFile } from '../parts/save-file';

const TIMEOUT_MS = 600_000;

/** Uses `fetch` instead of a link, so that errors are shown and not saved as a file. */
export async function downloadArchive(name: string): Promise<void> {
  const content = await ask(fetchArchive);
  saveFile(content, fileName(`Quizrun ${name}`, 'zip'));
}

async function fetchArchive() {
  try {
    const response = await fetch('/api/v1/me/archive', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) return { data: await response.blob(), response };
    return { error: await response.json().catch(() => null), response };
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    throw new ApiError(late ? 'timeout' : 'offline', 'The file did not come.', 0, true);
  }
}
