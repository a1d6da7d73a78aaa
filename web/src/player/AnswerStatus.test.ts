import { flushPromises } from '@vue/test-utils';
import { beforeAll, describe, expect, it } from 'vitest';

import { mountWithTexts, withTexts } from '@/testing/mount';

import AnswerStatus from './AnswerStatus.vue';

beforeAll(() => withTexts());

const status = (props: Record<string, unknown>) =>
  mountWithTexts(AnswerStatus, {
    delivery: null,
    locked: false,
    progress: null,
    players: 3,
    ...props,
  });

describe('the status of an answer', () => {
  it('says sent before it says locked in', async () => {
    const sent = { question: 0, answer: 1, status: 'sent' };
    const wrapper = status({ delivery: sent });
    expect(wrapper.text()).toContain('Sending…');
    expect(wrapper.text()).not.toContain('Locked in');
    await wrapper.setProps({
      delivery: { ...sent, status: 'locked', elapsed_ms: 2_340 },
      locked: true,
    });
    expect(wrapper.text()).toContain('Locked in after 2.3 s');
  });

  it('does not say sent while there is no connection', async () => {
    const wrapper = status({ delivery: { question: 0, answer: 1, status: 'sent' }, offline: true });
    expect(wrapper.text()).toBe('Waiting for the connection…');
    await wrapper.setProps({ offline: false });
    expect(wrapper.text()).toBe('Sending…');
  });

  it('says locked in when only the server knows the answer', () => {
    expect(status({ locked: true }).text()).toBe('Locked in');
  });

  it('says why an answer does not count', async () => {
    const error = { code: 'question_closed', message: 'x', retryable: false };
    const wrapper = status({ delivery: { question: 0, answer: 1, status: 'refused', error } });
    await flushPromises();
    expect(wrapper.text()).toContain('Time’s up: your answer arrived too late.');
  });

  it('counts the other players', () => {
    const progress = { question: 0, answered: 2, players: 3 };
    expect(status({ progress }).text()).toBe('2 of 3 have answered');
    expect(status({ progress, players: 1 }).text()).toBe('');
  });
});
