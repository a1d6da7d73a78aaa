import { beforeAll, describe, expect, it } from 'vitest';
import { defineComponent, h } from 'vue';

import { mountWithTexts, withTexts } from '@/testing/mount';

import { provideDraft } from './draft';
import TypedAnswer from './TypedAnswer.vue';

/** A question that is shown while it is open. */
const Question = defineComponent({
  props: { question: { type: Number, required: true }, open: Boolean },
  setup(props) {
    provideDraft(() => props.question);
    return () =>
      props.open ? h(TypedAnswer, { key: props.question, kind: 'text', given: null }) : null;
  },
});

describe('a typed answer', () => {
  beforeAll(() => withTexts());

  it('is kept when the question is opened again, but not for the next question', async () => {
    const wrapper = mountWithTexts(Question, { question: 0, open: true });
    await wrapper.get('input').setValue('A whale');
    await wrapper.setProps({ open: false });
    await wrapper.setProps({ open: true });
    expect(wrapper.get('input').element.value).toBe('A whale');
    await wrapper.setProps({ question: 1 });
    expect(wrapper.get('input').element.value).toBe('');
  });
});
