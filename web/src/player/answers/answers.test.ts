import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { mountWithTexts, withTexts } from '@/testing/mount';
import { polite } from '@/ui/announcer';

import MultipleAnswer from './MultipleAnswer.vue';
import OrderAnswer from './OrderAnswer.vue';
import PickAnswer from './PickAnswer.vue';
import TypedAnswer from './TypedAnswer.vue';

const options = ['Paris', '<b>Rome</b>', 'Oslo'];

beforeAll(() => withTexts());
beforeEach(() => {
  document.body.replaceChildren();
});

function press(key: string, target: EventTarget = window): void {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
}

describe('picking one answer', () => {
  it('takes the first touch', async () => {
    const wrapper = mountWithTexts(PickAnswer, { options, given: null });
    await wrapper.findAll('button')[1]!.trigger('click');
    expect(wrapper.emitted('give')).toEqual([[1]]);
  });

  it('takes the keys 1 to 9, but none beyond the options, and none with a modifier', () => {
    const wrapper = mountWithTexts(PickAnswer, { options, given: null });
    press('3');
    press('4');
    press('0');
    window.dispatchEvent(new KeyboardEvent('keydown', { key: '1', ctrlKey: true }));
    expect(wrapper.emitted('give')).toEqual([[2]]);
  });

  it('takes no key while something is typed elsewhere, and none when it is gone', () => {
    const wrapper = mountWithTexts(PickAnswer, { options, given: null });
    const input = document.body.appendChild(document.createElement('input'));
    press('1', input);
    wrapper.unmount();
    press('1');
    expect(wrapper.emitted('give')).toBeUndefined();
  });

  it('takes nothing more once an answer is given', async () => {
    const wrapper = mountWithTexts(PickAnswer, { options, given: 0 });
    await wrapper.findAll('button')[1]!.trigger('click');
    press('2');
    expect(wrapper.emitted('give')).toBeUndefined();
    expect(wrapper.findAll('button').map((tile) => tile.attributes('aria-pressed'))).toEqual([
      'true',
      'false',
      'false',
    ]);
  });

  it('shows texts as texts', () => {
    const wrapper = mountWithTexts(PickAnswer, { options, given: null });
    expect(wrapper.text()).toContain('<b>Rome</b>');
    expect(wrapper.find('b').exists()).toBe(false);
  });
});

describe('picking several answers', () => {
  it('sends them sorted, on the button', async () => {
    const wrapper = mountWithTexts(MultipleAnswer, { options, given: null });
    const send = wrapper.find('.button');
    expect(send.attributes('disabled')).toBeDefined();
    press('3');
    press('1');
    press('2');
    press('2');
    await wrapper.vm.$nextTick();
    expect(send.text()).toBe('Send 2');
    await send.trigger('click');
    expect(wrapper.emitted('give')).toEqual([[[0, 2]]]);
  });
});

describe('typing an answer', () => {
  it('sends a number, with comma or point', async () => {
    const wrapper = mountWithTexts(TypedAnswer, { kind: 'number', given: null });
    await wrapper.find('input').setValue('3,5');
    await wrapper.find('form').trigger('submit');
    expect(wrapper.emitted('give')).toEqual([[3.5]]);
  });

  it('asks which number is meant where there is doubt, and sends the chosen one', async () => {
    const wrapper = mountWithTexts(TypedAnswer, { kind: 'number', given: null });
    await wrapper.find('input').setValue('8.849');
    await wrapper.find('form').trigger('submit');
    expect(wrapper.emitted('give')).toBeUndefined();
    expect(wrapper.find('.which').text()).toContain('Which number do you mean?');
    const choices = wrapper.findAll('.which button');
    expect(choices.map((button) => button.text())).toEqual(['8849', '8.849']);
    expect(document.activeElement).toBe(choices[0]?.element);
    await choices[0]?.trigger('click');
    expect(wrapper.emitted('give')).toEqual([[8849]]);
  });

  it('says how a number was understood before it is sent', async () => {
    const wrapper = mountWithTexts(TypedAnswer, { kind: 'number', given: null });
    await wrapper.find('input').setValue('8,849');
    expect(wrapper.text()).toContain('Understood as 8849');
    await wrapper.find('form').trigger('submit');
    expect(wrapper.emitted('give')).toEqual([[8849]]);
  });

  it('has a button for the minus that phones lack', async () => {
    const wrapper = mountWithTexts(TypedAnswer, { kind: 'number', given: null });
    await wrapper.find('input').setValue('12');
    await wrapper.find('.sign').trigger('click');
    await wrapper.find('form').trigger('submit');
    expect(wrapper.emitted('give')).toEqual([[-12]]);
    await wrapper.find('.sign').trigger('click');
    expect(wrapper.find('input').element.value).toBe('12');
  });

  it('says what is wrong at the field, until it is typed into again', async () => {
    const wrapper = mountWithTexts(TypedAnswer, { kind: 'number', given: null });
    const input = wrapper.find('input');
    await input.setValue('many');
    await wrapper.find('form').trigger('submit');
    expect(wrapper.emitted('give')).toBeUndefined();
    expect(wrapper.find('[role=alert]').text()).toBe('Enter a number.');
    expect(input.attributes('aria-invalid')).toBe('true');
    expect(input.attributes('aria-describedby')).toBe(
      wrapper.find('[role=alert]').attributes('id'),
    );
    await input.setValue('4');
    expect(wrapper.find('[role=alert]').exists()).toBe(false);
  });

  it('sends a text trimmed and no longer than the server takes', async () => {
    const wrapper = mountWithTexts(TypedAnswer, { kind: 'text', given: null });
    await wrapper.find('input').setValue(`  ${'x'.repeat(100_000)}`);
    await wrapper.find('form').trigger('submit');
    expect(wrapper.emitted<[string]>('give')?.[0]?.[0]).toHaveLength(200);
  });

  it('sends no blank text', async () => {
    const wrapper = mountWithTexts(TypedAnswer, { kind: 'text', given: null });
    await wrapper.find('input').setValue('   ');
    await wrapper.find('form').trigger('submit');
    expect(wrapper.emitted('give')).toBeUndefined();
  });
});

describe('putting in order', () => {
  const shown = (wrapper: ReturnType<typeof mountWithTexts>): string[] =>
    wrapper.findAll('li .text').map((item) => item.text());

  it('moves by the arrow buttons, tells so, and keeps the focus on the item', async () => {
    vi.useFakeTimers();
    const wrapper = mountWithTexts(OrderAnswer, { options, given: null });
    const down = wrapper.findAll<HTMLElement>('[data-by="1"]')[0]!;
    down.element.focus();
    await down.trigger('click');
    vi.advanceTimersByTime(100);
    vi.useRealTimers();
    expect(shown(wrapper)).toEqual(['<b>Rome</b>', 'Paris', 'Oslo']);
    expect(polite.value).toBe('Paris: place 2 of 3');
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Move Paris down');
  });

  it('moves by keys', async () => {
    const wrapper = mountWithTexts(OrderAnswer, { options, given: null });
    await wrapper.findAll('li')[2]!.trigger('keydown', { key: 'ArrowUp', altKey: true });
    await wrapper.findAll('li')[0]!.trigger('keydown', { key: 'ArrowUp', altKey: true });
    expect(shown(wrapper)).toEqual(['Paris', 'Oslo', '<b>Rome</b>']);
  });

  it('moves by dragging past a neighbour’s middle', async () => {
    const wrapper = mountWithTexts(OrderAnswer, { options, given: null });
    // the first is twice as high as the others
    const [tops, heights] = [
      [0, 110, 170],
      [100, 50, 50],
    ];
    wrapper.findAll('li').forEach(({ element }, place) => {
      Object.defineProperty(element, 'offsetTop', { value: tops[place], configurable: true });
      Object.defineProperty(element, 'offsetHeight', { value: heights[place], configurable: true });
    });
    const event = (type: string, clientY: number): PointerEvent =>
      new PointerEvent(type, { clientY, button: 0, isPrimary: true, bubbles: true });
    wrapper.find('.grip').element.dispatchEvent(event('pointerdown', 10));
    window.dispatchEvent(event('pointermove', 35));
    await wrapper.vm.$nextTick();
    expect(shown(wrapper)[0]).toBe('Paris');
    window.dispatchEvent(event('pointermove', 45));
    window.dispatchEvent(event('pointerup', 45));
    window.dispatchEvent(event('pointermove', 300));
    await wrapper.vm.$nextTick();
    expect(shown(wrapper)).toEqual(['<b>Rome</b>', 'Paris', 'Oslo']);
  });

  it('sends option numbers in the order as shown, and is fixed then', async () => {
    const wrapper = mountWithTexts(OrderAnswer, { options, given: null });
    await wrapper.findAll('[data-by="1"]')[0]!.trigger('click');
    await wrapper.find('.order > .button').trigger('click');
    expect(wrapper.emitted('give')).toEqual([[[1, 0, 2]]]);
    await wrapper.setProps({ given: [1, 0, 2] });
    expect(wrapper.findAll('button')).toHaveLength(0);
  });
});
