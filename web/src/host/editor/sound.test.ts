import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { MOST_BYTES, SoundError, soundIn, uploadSound } from './sound';

class Request {
  static last: Request;
  status = 0;
  responseText = '';
  headers: Record<string, string> = {};
  upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
  onload?: () => void;
  onerror?: () => void;
  constructor() {
    Request.last = this;
  }
  open = vi.fn();
  send = vi.fn();
  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
  answer(status: number, body: unknown): void {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.onload?.();
  }
}

beforeEach(() => vi.stubGlobal('XMLHttpRequest', Request));
afterEach(() => vi.unstubAllGlobals());

const song = new File(['ID3'], 'song.mp3', { type: 'audio/mpeg' });

describe('a sound', () => {
  it('is found among other files, by its extension if the system does not know its type', () => {
    const picture = new File(['x'], 'a.png', { type: 'image/png' });
    const opus = new File(['x'], 'a.opus');
    expect(soundIn([picture, song])).toBe(song);
    expect(soundIn([picture, opus])).toBe(opus);
    expect(soundIn([picture])).toBeNull();
    expect(soundIn(null)).toBeNull();
  });

  it('is rejected before uploading if it is not a sound or too large', async () => {
    const onProgress = vi.fn();
    const text = new File(['x'], 'a.txt', { type: 'text/plain' });
    await expect(uploadSound(text, onProgress)).rejects.toEqual(new SoundError('kind'));
    const large = new File([new Uint8Array(MOST_BYTES + 1)], 'a.wav', { type: 'audio/wav' });
    await expect(uploadSound(large, onProgress)).rejects.toEqual(new SoundError('too_large'));
    expect(onProgress).not.toHaveBeenCalled();
  });

  it('reports upload progress', async () => {
    const onProgress = vi.fn();
    const uploaded = uploadSound(song, onProgress);
    await vi.waitFor(() => expect(Request.last.send).toHaveBeenCalledWith(song));
    Request.last.upload.onprogress?.({ loaded: 1, total: 4 });
    expect(onProgress).toHaveBeenCalledWith(0.25);
    Request.last.answer(201, { url: '/media/a', duration_ms: 900 });
    expect(await uploaded).toEqual({ url: '/media/a', duration_ms: 900 });
    expect(Request.last.headers['Idempotency-Key']).toBeTruthy();
  });

  it('refused by the server has its error code', async () => {
    const uploaded = uploadSound(song, () => undefined);
    await vi.waitFor(() => expect(Request.last.send).toHaveBeenCalled());
    Request.last.answer(422, { code: 'media_invalid', detail: 'No sound.', retryable: false });
    await expect(uploaded).rejects.toMatchObject({ code: 'media_invalid', status: 422 });
  });

  it('that cannot be sent is a connection error', async () => {
    const uploaded = uploadSound(song, () => undefined);
    await vi.waitFor(() => expect(Request.last.send).toHaveBeenCalled());
    Request.last.onerror?.();
    await expect(uploaded).rejects.toMatchObject({ code: 'offline', retryable: true });
  });
});
