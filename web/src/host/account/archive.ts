/** The archive of the account: it may take minutes, which the API's usual time limit does not allow. */
import { ApiError } from '@/api/problem';
import { ask } from '@/session/ask';

import { fileName, saveFile } from '../parts/save-file';

const TIMEOUT_MS = 600_000;

/** Fetches the file rather than following a link, so that a refusal is told and not saved. */
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
