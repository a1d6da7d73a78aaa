import { flushPromises } from '@vue/test-utils';
import { beforeAll, describe, expect, it, vi } from 'vitest';

import { mountWithTexts, withTexts } from '@/testing/mount';

import JoinForm from './JoinForm.vue';

const preload = vi.fn<() => Promise<void>>();
vi.mock('@/live/play', () => ({ preload, PlaySession: {}, JoinRefused: class extends Error {} }));

// the lookup fails too
vi.mock('./pin-lookup', () => ({ lookUpPin: () => Promise.resolve(null) }));

beforeAll(() => withTexts());

describe('joining while a part of the client cannot be fetched', () => {
  it('shows an error and allows a retry instead of joining forever', async () => {
    preload.mockRejectedValue(new TypeError('Failed to fetch dynamically imported module'));
    const wrapper = mountWithTexts(JoinForm, { pin: '482913' });
    await wrapper.get('input').setValue('Ada');
    await wrapper.get('form').trigger('submit');
    await flushPromises();
    expect(wrapper.text()).toContain('The server can’t be reached.');
    const reload = vi.spyOn(location, 'reload').mockReturnValue();
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
    await wrapper.get('button').trigger('click');
    await flushPromises();
    expect(reload).not.toHaveBeenCalled();
    expect(preload).toHaveBeenCalledTimes(2);
    expect(wrapper.get('button').attributes('aria-busy')).not.toBe('true');

    // the network is back, but the browser has cached the failed import
    vi.stubGlobal('fetch', () => Promise.resolve(new Response()));
    await wrapper.get('button').trigger('click');
    await flushPromises();
    expect(reload).toHaveBeenCalledOnce();
    vi.unstubAllGlobals();
  });
});
