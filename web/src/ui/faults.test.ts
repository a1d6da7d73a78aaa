import { flushPromises } from '@vue/test-utils';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApp, h } from 'vue';

import { withTexts } from '@/testing/mount';

import { catchFaults, isMissingPart } from './faults';
import { dismiss, toasts } from './toasts';

const shown = () => toasts.value.map(({ text }) => text);
const GONE = 'Part of this page couldn’t be loaded';
const FAULT = 'Something went wrong on our side.';

const app = createApp({
  setup: () => () => h('button', { onClick: () => Promise.reject(new Error('broken')) }),
});

beforeAll(async () => {
  await withTexts();
  catchFaults(app);
});

beforeEach(() => {
  for (const { id } of toasts.value) dismiss(id);
});

/** Simulate an unhandled rejection. */
function rejects(reason: unknown): void {
  window.dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason }));
}

describe('an uncaught error', () => {
  it('of a component is shown, and logged as usual', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const root = document.createElement('div');
    app.mount(root);
    root.querySelector('button')!.click();
    await flushPromises();
    expect(shown()).toEqual([FAULT]);
    expect(log).toHaveBeenCalledOnce();
    app.unmount();
  });

  it('of a promise is shown once, however often it occurs', async () => {
    rejects(new TypeError('x is undefined'));
    rejects(new TypeError('x is undefined'));
    await flushPromises();
    expect(shown()).toEqual([FAULT]);
  });

  it('of a chunk that failed to load offers a reload', async () => {
    const error = new TypeError('Failed to fetch dynamically imported module');
    window.dispatchEvent(Object.assign(new Event('vite:preloadError'), { payload: error }));
    rejects(error);
    await flushPromises();
    expect(isMissingPart(error)).toBe(true);
    expect(toasts.value).toMatchObject([
      { kind: 'error', text: GONE, action: { label: 'Reload' } },
    ]);
  });

  it('is not shown for cancelled requests or extensions', async () => {
    rejects(new DOMException('gone', 'AbortError'));
    window.dispatchEvent(new ErrorEvent('error', { message: 'Script error.' }));
    window.dispatchEvent(
      new ErrorEvent('error', { message: 'ResizeObserver loop completed', error: new Error() }),
    );
    await flushPromises();
    expect(shown()).toEqual([]);
  });
});
