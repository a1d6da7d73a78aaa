import { describe, expect, it } from 'vitest';

import { fitted, PictureError, pictureIn, prepared } from './picture';

describe('a picture', () => {
  it('is scaled down for screens, keeping its aspect ratio', () => {
    expect(fitted(4000, 3000, 1600)).toEqual({ width: 1600, height: 1200 });
    expect(fitted(3000, 4000, 1600)).toEqual({ width: 1200, height: 1600 });
    expect(fitted(640, 480, 1600)).toEqual({ width: 640, height: 480 });
    expect(fitted(20_000, 3, 1600)).toEqual({ width: 1600, height: 1 });
  });

  it('is found among other files', () => {
    const picture = new File(['x'], 'a.png', { type: 'image/png' });
    const text = new File(['x'], 'a.txt', { type: 'text/plain' });
    expect(pictureIn([text, picture])).toBe(picture);
    expect(pictureIn([text])).toBeNull();
    expect(pictureIn(null)).toBeNull();
  });

  it('is rejected if it is not a picture, or far too large', async () => {
    await expect(prepared(new Blob(['x'], { type: 'text/html' }))).rejects.toEqual(
      new PictureError('kind'),
    );
    const large = new Blob(['x'.repeat(2_000_001)], { type: 'image/gif' });
    await expect(prepared(large)).rejects.toEqual(new PictureError('too_large'));
  });

  it('stays unchanged if animated', async () => {
    const gif = new Blob(['GIF89a'], { type: 'image/gif' });
    expect(await prepared(gif)).toBe(gif);
  });
});
