import { flushPromises } from '@vue/test-utils';
import { beforeAll, describe, expect, it, vi } from 'vitest';

import { mountWithTexts, withTexts } from '@/testing/mount';

import JoinForm from './JoinForm.vue';

const ideas = [['Brave Otter', 'Calm Lynx'], ['Eager Fox']];
const looked = vi.fn(() =>
  Promise.resolve({
    title: 'Capitals',
    language: 'en',
    names: 'chosen',
    approve_players: false,
    suggestions: [],
    ideas: [...(ideas.shift() ?? [])],
  }),
);
vi.mock('./pin-lookup', () => ({ lookUpPin: () => looked() }));

beforeAll(() => withTexts('seat'));

describe('who has no idea for a nickname', () => {
  it('gets one at a time, which can be edited, and more when they are used up', async () => {
    const wrapper = mountWithTexts(JoinForm, { pin: '482913' });
    await vi.dynamicImportSettled();
    await flushPromises();
    const field = wrapper.get('input');
    const suggest = wrapper.findAll('button').find((one) => one.text() === 'Suggest a nickname');
    expect(field.element.value).toBe('');
    await suggest?.trigger('click');
    expect(field.element.value).toBe('Brave Otter');
    await suggest?.trigger('click');
    expect(field.element.value).toBe('Calm Lynx');
    await flushPromises();
    expect(looked).toHaveBeenCalledTimes(2);
    await wrapper
      .findAll('button')
      .find((one) => one.text() === 'Suggest a nickname')
      ?.trigger('click');
    expect(field.element.value).toBe('Eager Fox');
    await field.setValue('Ada');
    expect(field.element.value).toBe('Ada');
  });
});
