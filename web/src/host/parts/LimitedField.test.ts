import { nextTick } from 'vue';
import { beforeAll, describe, expect, it } from 'vitest';

import { mountWithTexts, withTexts } from '@/testing/mount';

import LimitedField from './LimitedField.vue';

beforeAll(() => withTexts('host'));

function field(start = '') {
  const wrapper = mountWithTexts(LimitedField, {
    label: 'Question',
    limit: 1000,
    modelValue: start,
    'onUpdate:modelValue': (text: string) => void wrapper.setProps({ modelValue: text }),
  });
  return wrapper;
}

describe('a limited field', () => {
  it('truncates pasted text, with a notice', async () => {
    const wrapper = field();
    const input = wrapper.get('input');
    await input.setValue('x'.repeat(100_000));
    await nextTick();
    expect(input.element.value).toHaveLength(1000);
    expect(wrapper.get('[role=alert]').text()).toContain('takes 1,000 characters at most');
    await input.setValue('short');
    expect(wrapper.find('[role=alert]').exists()).toBe(false);
  });

  it('accepts nothing more when full', async () => {
    const wrapper = field('x'.repeat(1000));
    const input = wrapper.get('input');
    await input.setValue(`${'x'.repeat(1000)}y`);
    expect(input.element.value).toBe('x'.repeat(1000));
  });

  it('shows the remaining length near the limit', async () => {
    const wrapper = field('short');
    expect(wrapper.text()).not.toContain('characters');
    await wrapper.get('input').setValue('x'.repeat(900));
    expect(wrapper.text()).toContain('900 of 1,000 characters');
  });

  it('renders text without markup', async () => {
    const wrapper = field();
    await wrapper.get('input').setValue('<script>alert(1)</script>');
    expect(wrapper.props('modelValue')).toBe('<script>alert(1)</script>');
  });
});
