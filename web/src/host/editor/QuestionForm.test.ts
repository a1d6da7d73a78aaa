import { flushPromises } from '@vue/test-utils';
import { beforeAll, describe, expect, it } from 'vitest';

import { mountWithTexts, withTexts } from '@/testing/mount';

import { newOption, newQuestion, TYPES, type DraftQuestion } from './draft';
import QuestionForm from './QuestionForm.vue';
import { Shown } from './shown';
import { problemsOf } from './validate';

beforeAll(() => withTexts('host'));

function form(change: Partial<DraftQuestion> = {}, wanted: { field: string } | null = null) {
  const question = { ...newQuestion('single'), ...change };
  const shown = new Shown();
  const draft = { title: 'T', language: 'en', questions: [question] };
  const wrapper = mountWithTexts(QuestionForm, {
    question,
    at: 0,
    count: 1,
    problems: problemsOf(draft),
    shown,
    wanted,
  });
  const changes = () => (wrapper.emitted('change') ?? []) as [Partial<DraftQuestion>, string][];
  return { wrapper, question, shown, changes };
}

const options = [newOption('Paris'), newOption('Rome'), newOption('Oslo')];

describe('the question form', () => {
  it.each(TYPES)('has the fields of a %s, each with a label', (type) => {
    const { wrapper } = form({ type, accepted: ['a', 'b'] });
    for (const input of wrapper.findAll('input:not([type=file]), textarea, select')) {
      const label = wrapper.find(`label[for="${input.attributes('id')}"]`);
      expect(label.exists() || input.attributes('aria-label'), input.html()).toBeTruthy();
    }
    expect(wrapper.find('[data-field=points]').exists()).toBe(type !== 'poll' && type !== 'slide');
    expect(wrapper.find('[data-field=options]').exists()).toBe(
      ['single', 'multiple', 'order', 'poll'].includes(type),
    );
  });

  it('shows no errors until a field was visited', async () => {
    const { wrapper } = form();
    expect(wrapper.find('[role=alert]').exists()).toBe(false);
    await wrapper.get('[data-field=text] textarea').trigger('focusout');
    expect(wrapper.get('[data-field=text] [role=alert]').text()).toBe('the text is missing');
    expect(wrapper.findAll('[role=alert]')).toHaveLength(1);
    expect(wrapper.get('[data-field=text] textarea').attributes('aria-invalid')).toBe('true');
  });

  it('shows all errors once the question was left', async () => {
    const { wrapper, shown, question } = form();
    shown.whole(question);
    await wrapper.vm.$nextTick();
    expect(wrapper.findAll('[role=alert]').map((alert) => alert.text())).toEqual([
      'the text is missing',
      'it needs at least 2 answers',
    ]);
  });

  it('marks one answer as right', async () => {
    const { wrapper, changes } = form({ options });
    await wrapper.findAll('input[type=radio]')[1]?.setValue(true);
    expect(changes()[0]?.[0].options?.map((option) => option.correct)).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('moves an answer with Alt and an arrow key', async () => {
    const { wrapper, changes } = form({ options });
    const inputs = wrapper.findAll('[data-field=options] .field input');
    await inputs[0]?.trigger('keydown', { key: 'ArrowDown', altKey: true });
    expect(changes()[0]?.[0].options?.map((option) => option.text)).toEqual([
      'Rome',
      'Paris',
      'Oslo',
    ]);
    await inputs[0]?.trigger('keydown', { key: 'ArrowUp', altKey: true });
    expect(changes()).toHaveLength(1);
  });

  it.each(['single', 'multiple', 'order', 'poll'] as const)(
    'moves an answer of a %s by its buttons, but not beyond the ends',
    async (type) => {
      const { wrapper, changes } = form({ type, options });
      const [up, down] = ['up', 'down'].map((way) =>
        wrapper.findAll(`[aria-label^="Move number"][aria-label$=" ${way}"]`),
      );
      expect(up?.at(0)?.attributes('disabled')).toBeDefined();
      expect(down?.at(-1)?.attributes('disabled')).toBeDefined();
      await up?.at(2)?.trigger('click');
      expect(changes()[0]?.[0].options?.map((option) => option.text)).toEqual([
        'Paris',
        'Oslo',
        'Rome',
      ]);
    },
  );

  it('moves to a new option with Enter in the last one', async () => {
    const { wrapper, changes } = form({ options });
    const inputs = wrapper.findAll('[data-field=options] .field input');
    await inputs[2]?.trigger('keydown', { key: 'Enter' });
    expect(changes()[0]?.[0].options).toHaveLength(4);
  });

  it('focuses the requested field', async () => {
    const { wrapper } = form({ type: 'number', value: '7' }, { field: 'tolerance' });
    await flushPromises();
    const input = wrapper.get('[data-field=tolerance] input');
    expect(document.activeElement).toBe(input.element);
  });

  it('shows which numbers count as right', () => {
    const { wrapper } = form({ type: 'number', value: '1822', tolerance: '5' });
    expect(wrapper.text()).toContain('Right from 1,817 to 1,827.');
  });
});
