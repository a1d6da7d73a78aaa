/** Uploads sounds, with progress. */
import { ApiError, refusalIn } from '@/api/problem';
import { ask } from '@/session/ask';
import { randomKey } from '@/ui/random';

import type { PictureView } from '../types';

export const MOST_BYTES = 5_000_000;
export const ACCEPTED = 'audio/*,.mp3,.ogg,.oga,.opus,.m4a,.wav';
/** A slow line takes a while for five megabytes. */
const TIMEOUT_MS = 120_000;

/** Why a sound is rejected; the suffix of the message key. */
export type SoundFault = 'kind' | 'too_large';

export class SoundError extends Error {
  constructor(readonly fault: SoundFault) {
    super(`The sound cannot be taken: ${fault}.`);
  }
}

/** The first sound among dropped or chosen files. */
export function soundIn(files: Iterable<File> | null | undefined): File | null {
  return [...(files ?? [])].find(isSound) ?? null;
}

function isSound({ type, name }: File): boolean {
  return type.startsWith('audio/') || /\.(mp3|og[ga]|opus|m4a|wav)$/i.test(name);
}

/** Upload a sound; `onProgress` is called with the progress from 0 to 1. */
export async function uploadSound(
  file: File,
  onProgress: (share: number) => void,
): Promise<PictureView> {
  if (!isSound(file)) throw new SoundError('kind');
  if (file.size > MOST_BYTES) throw new SoundError('too_large');
  const key = randomKey();
  return await ask(() => sent(file, key, onProgress));
}

/** Uses XMLHttpRequest, since `fetch` has no upload progress. */
async function sent(file: File, key: string, onProgress: (share: number) => void) {
  const request = new XMLHttpRequest();
  request.open('POST', '/api/v1/media');
  request.timeout = TIMEOUT_MS;
  request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
  request.setRequestHeader('Idempotency-Key', key);
  request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
  const text = await new Promise<string>((resolve, reject) => {
    request.onload = () => resolve(request.responseText);
    request.onerror = () =>
      reject(new ApiError('offline', 'The server cannot be reached.', 0, true));
    request.ontimeout = () =>
      reject(new ApiError('timeout', 'The server did not answer in time.', 0, true));
    request.send(file);
  });
  const body = parsed(text);
  const response = new Response(null, { status: request.status });
  if (!response.ok) throw refusalIn(response, body);
  return { data: body as PictureView, response };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // from a proxy, not our server
  }
}
