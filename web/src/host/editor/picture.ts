/**
 * Pictures on their way to the server: drawn anew in the browser, which leaves out where and with
 * what a photo was taken, and makes it no larger than a screen needs.
 */
import { api } from '@/api/client';
import { ask } from '@/session/ask';

import type { PictureView } from '../types';

const LONGEST_SIDE_PX = 1_600;
const MOST_BYTES = 2_000_000;
/** More than that is not even opened: it would fill the memory of a phone. */
const MOST_ORIGINAL_BYTES = 50_000_000;
const QUALITY = 0.85;

/** Why a picture cannot be taken; the end of the text's key. */
export type PictureFault = 'kind' | 'unreadable' | 'too_large';

export class PictureError extends Error {
  constructor(readonly fault: PictureFault) {
    super(`The picture cannot be taken: ${fault}.`);
  }
}

/** The first picture among files that were dropped, pasted or chosen. */
export function pictureIn(files: Iterable<File> | null | undefined): File | null {
  return [...(files ?? [])].find((file) => file.type.startsWith('image/')) ?? null;
}

export async function upload(file: File): Promise<PictureView> {
  const picture = await prepared(file);
  return await ask(() =>
    api.POST('/api/v1/media', {
      body: picture as unknown as string, // binary, as the description says in its own way
      bodySerializer: (body) => body,
      headers: { 'Content-Type': picture.type },
    }),
  );
}

/** The picture without its metadata and small enough. Moving ones stay as they are. */
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
  // a browser that cannot write WebP: photos as JPEG, what may be see-through as PNG
  const other = await encoded(canvas, type === 'image/jpeg' ? 'image/jpeg' : 'image/png');
  if (!other) throw new PictureError('unreadable');
  return other;
}

function encoded(canvas: HTMLCanvasElement, type: string): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, type, QUALITY));
}

/** The same shape with no side longer than `most`. */
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
