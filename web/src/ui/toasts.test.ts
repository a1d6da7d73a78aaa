import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '@/api/problem';
import { withTexts } from '@/testing/mount';

import { dismiss, errorTexts, hold, release, toast, toastError, toasts } from './toasts';

beforeAll(() => withTexts());

describe('toasts', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    for (const { id } of toasts.value) dismiss(id);
    return () => vi.useRealTimers();
  });

  it('say what happened and what to do, in the user’s language', async () => {
    await toastError(new ApiError('email_taken', 'English of the server'));
    expect(toasts.value).toMatchObject([
      {
        kind: 'error',
        text: 'An account with this email address already exists.',
        advice: 'Sign in instead, or use another address.',
      },
    ]);
  });

  it('disappear after a while, or when dismissed', () => {
    toast('success', 'Saved.');
    toast('info', 'Look.');
    dismiss(toasts.value[1]!.id);
    expect(toasts.value.map((shown) => shown.text)).toEqual(['Saved.']);
    vi.advanceTimersByTime(10_000);
    expect(toasts.value).toEqual([]);
  });

  it('stay while they are held, and their full time afterwards', () => {
    toast('info', 'Look.');
    const { id } = toasts.value[0]!;
    vi.advanceTimersByTime(3_900);
    hold(id);
    vi.advanceTimersByTime(60_000);
    release(id);
    vi.advanceTimersByTime(3_900);
    expect(toasts.value).toHaveLength(1);
    vi.advanceTimersByTime(200);
    expect(toasts.value).toEqual([]);
    release(id);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are few, without duplicates', () => {
    for (const text of ['a', 'a', 'b', 'c', 'd']) toast('info', text);
    expect(toasts.value.map((shown) => shown.text)).toEqual(['b', 'c', 'd']);
  });

  it('have a text even for unknown codes and for bugs', async () => {
    expect(await errorTexts('a_code_of_tomorrow')).toEqual(await errorTexts('internal'));
    await toastError(new TypeError('undefined is not a function'));
    expect(toasts.value[0]?.text).toBe('Something went wrong on our side.');
  });
});

describe('error texts without a network', () => {
  it('report a missing network, as they could not be loaded', async () => {
    vi.resetModules();
    const [{ loadAreas, takeTextsFrom }, fresh, { default: common }] = await Promise.all([
      import('@/i18n'),
      import('./toasts'),
      import('@/locales/en/common.json'),
    ]);
    takeTextsFrom((_locale, area) =>
      area === 'common' ? Promise.resolve(common) : Promise.reject(new TypeError('no network')),
    );
    await loadAreas('common');
    expect(await fresh.errorTexts('nickname_taken')).toEqual({
      text: 'The server can’t be reached.',
      advice: 'Check your connection. This page keeps trying.',
    });
  });
});
