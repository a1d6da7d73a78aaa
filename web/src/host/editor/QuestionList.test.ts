import { beforeAll, describe, expect, it } from 'vitest';

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

describe('the list of questions', () => {
  it('says which is looked at, and which is incomplete', () => {
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

  it('adds a question of a type that is chosen with the keyboard', async () => {
    const { wrapper } = list();
    await wrapper.get('.opener').trigger('click');
    expect(document.activeElement?.textContent).toContain('One right answer');
    await wrapper.get('.menu .list').trigger('keydown', { key: 'ArrowUp' });
    expect(document.activeElement?.textContent).toContain('Slide');
    (document.activeElement as HTMLElement).click();
    expect(wrapper.emitted('add')).toEqual([['slide']]);
    await wrapper.vm.$nextTick();
    expect(document.activeElement).toBe(wrapper.get('.opener').element);
  });
});
