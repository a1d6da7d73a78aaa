/**
 * Uploads pictures. They are re-encoded in the browser, which removes metadata such as a photo's
 * location and limits their size.
 */
import { api } from '@/api/client';
import { ask } from '@/session/ask';

import type { PictureView } from '../types';

const LONGEST_SIDE_PX = 1_600;
const MOST_BYTES = 2_000_000;
/** Larger files are not decoded, as they would exhaust a phone's memory. */
const MOST_ORIGINAL_BYTES = 50_000_000;
const QUALITY = 0.85;

/** Why a picture is rejected; the suffix of the message key. */
export type PictureFault = 'kind' | 'unreadable' | 'too_large';

export class PictureError extends Error {
  constructor(readonly fault: PictureFault) {
    super(`The picture cannot be taken: ${fault}.`);
  }
}

/** The first picture among dropped, pasted or chosen files. */
export function pictureIn(files: Iterable<File> | null | undefined): File | null {
  return [...(files ?? [])].find((file) => file.type.startsWith('image/')) ?? null;
}

export async function upload(file: File): Promise<PictureView> {
  const picture = await prepared(file);
  return await ask(() =>
    api.POST('/api/v1/media', {
      body: picture as unknown as string, // the generated type for binary data is a string
      bodySerializer: (body) => body,
      headers: { 'Content-Type': picture.type },
    }),
  );
}

/** Return the picture without metadata and scaled down. Animations are unchanged. */
export async function prepared(file: Blob): Promise<Blob> {
  if (!file.type.startsWith('image/')) throw new PictureError('kind');
  if (file.size > MOST_ORIGINAL_BYTES) throw new PictureError('too_large');
  if (file.type === 'image/gif') return checked(file);
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) throw new PictureError('unreadable');
  try {
    return checked(await drawn(bitmap, file.type));
  } finally {
    bitmap.close();
  }
}

async function drawn(bitmap: ImageBitmap, type: string): Promise<Blob> {
  const { width, height } = fitted(bitmap.width, bitmap.height, LONGEST_SIDE_PX);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, width, height);
  const webp = await encoded(canvas, 'image/webp');
  if (webp?.type === 'image/webp') return webp;
  // browsers that cannot encode WebP: JPEG for photos, PNG for possibly transparent images
  const other = await encoded(canvas, type === 'image/jpeg' ? 'image/jpeg' : 'image/png');
  if (!other) throw new PictureError('unreadable');
  return other;
}

function encoded(canvas: HTMLCanvasElement, type: string): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, type, QUALITY));
}

/** Scale down to sides of at most `most`, keeping the aspect ratio. */
export function fitted(width: number, height: number, most: number) {
  const scale = Math.min(1, most / Math.max(width, height));
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

function checked(picture: Blob): Blob {
  if (picture.size > MOST_BYTES) throw new PictureError('too_large');
  return picture;
}
