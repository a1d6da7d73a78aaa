import { beforeAll, describe, expect, it } from 'vitest';

import { mountWithTexts, withTexts } from '@/testing/mount';

import SaveState from './SaveState.vue';

beforeAll(() => withTexts('host'));

describe('the save status', () => {
  it('lists what each question lacks, with links', async () => {
    const problems = [
      { question: 2, field: 'correct', key: 'correct_missing' },
      { question: 3, field: 'text', key: 'text_missing' },
    ];
    const wrapper = mountWithTexts(SaveState, {
      status: { kind: 'draft', problems },
      kept: true,
    });
    expect(wrapper.text().replace(/\s+/g, ' ')).toBe(
      'Saved as a draft. Before it can be played: question 3: no answer is marked as right (and 1 more)',
    );
    await wrapper.get('button').trigger('click');
    expect(wrapper.emitted('problem')).toEqual([[problems[0]]]);
  });

  it('shows the server’s message where there is no translation', () => {
    const problems = [{ question: 0, field: 'text', key: 'server', message: 'is too odd' }];
    const status = { kind: 'refused', code: 'quiz_invalid', problems };
    const wrapper = mountWithTexts(SaveState, { status, kept: true });
    expect(wrapper.text()).toContain('question 1: the server says: is too odd');
  });

  it('offers to resolve a conflict', async () => {
    const wrapper = mountWithTexts(SaveState, { status: { kind: 'conflict' }, kept: true });
    await wrapper.get('button').trigger('click');
    expect(wrapper.emitted('decide')).toHaveLength(1);
  });

  it('warns when the browser cannot keep drafts', () => {
    const status = { kind: 'unreachable', code: 'offline' };
    expect(mountWithTexts(SaveState, { status, kept: false }).text()).toContain('don’t close');
    expect(mountWithTexts(SaveState, { status, kept: true }).text()).not.toContain('don’t close');
  });
});
