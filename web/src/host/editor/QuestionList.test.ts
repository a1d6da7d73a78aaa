import { beforeAll, describe, expect, it, vi } from 'vitest';

import { mountWithTexts, withTexts } from '@/testing/mount';

import { newQuestion } from './draft';
import QuestionList from './QuestionList.vue';

beforeAll(() => withTexts('host'));

function list(at = 0) {
  const questions = ['one', 'two', 'three'].map((text) => ({ ...newQuestion('poll'), text }));
  const problems = [{ question: 2, field: 'options', key: 'options_few' }];
  const wrapper = mountWithTexts(QuestionList, { questions, at, problems });
  const rows = () => wrapper.findAll('.pick');
  return { wrapper, rows };
}

describe('the question list', () => {
  it('marks the selected question, and incomplete ones', () => {
    const { rows } = list(1);
    expect(rows().map((row) => row.attributes('aria-current'))).toEqual([
      undefined,
      'true',
      undefined,
    ]);
    expect(rows().map((row) => row.text().includes('incomplete'))).toEqual([false, false, true]);
  });

  it('moves and deletes with keys', async () => {
    const { wrapper, rows } = list();
    await rows()[1]?.trigger('keydown', { key: 'ArrowUp', altKey: true });
    await rows()[0]?.trigger('keydown', { key: 'ArrowUp', altKey: true });
    await rows()[2]?.trigger('keydown', { key: 'Delete' });
    expect(wrapper.emitted('move')).toEqual([[1, 0]]);
    expect(wrapper.emitted('remove')).toEqual([[2]]);
  });

  it('adds a question of the chosen type, even if the browser does not focus buttons', async () => {
    const { wrapper } = list();
    await wrapper.get('.opener').trigger('click');
    await vi.waitFor(() => expect(wrapper.findAll('[role="menuitem"]')).toHaveLength(8));
    const slide = wrapper.findAll('[role="menuitem"]').at(-1);
    expect(slide?.text()).toContain('Slide');
    // Safari fires blur without a related target before the click
    await wrapper.get('.opener').trigger('blur');
    await wrapper.get('.menu').trigger('focusout');
    await slide?.trigger('click');
    expect(wrapper.emitted('add')).toEqual([['slide']]);
    await vi.waitFor(() => expect(wrapper.find('[role="menuitem"]').exists()).toBe(false));
  });
});
