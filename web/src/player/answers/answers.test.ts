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

/** Press a key with the focus on the first answer or on `target`. */
function press(key: string, target = document.querySelector('.options button')): void {
  target?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
}

describe('picking one answer', () => {
  it('submits the first tap', async () => {
    const wrapper = mountWithTexts(PickAnswer, { options, given: null });
    await wrapper.findAll('button')[1]!.trigger('click');
    expect(wrapper.emitted('give')).toEqual([[1]]);
  });

  it('accepts the keys 1 to 9, but none beyond the options, and none with a modifier', () => {
    const wrapper = mountWithTexts(PickAnswer, { options, given: null });
    press('3');
    press('4');
    press('0');
    document
      .querySelector('.options button')
      ?.dispatchEvent(new KeyboardEvent('keydown', { key: '1', ctrlKey: true, bubbles: true }));
    expect(wrapper.emitted('give')).toEqual([[2]]);
  });

  it('ignores keys while the focus is elsewhere on the page', () => {
    const wrapper = mountWithTexts(PickAnswer, { options, given: null });
    press('1', document.body);
    press('1', document.body.appendChild(document.createElement('button')));
    expect(wrapper.emitted('give')).toBeUndefined();
  });

  it('accepts nothing more once an answer is given', async () => {
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

  it('renders texts without markup', () => {
    const wrapper = mountWithTexts(PickAnswer, { options, given: null });
    expect(wrapper.text()).toContain('<b>Rome</b>');
    expect(wrapper.find('b').exists()).toBe(false);
  });
});

describe('picking several answers', () => {
  it('submits them sorted, by the button', async () => {
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

describe('asking before a single answer is sent', () => {
  it('submits the last selection, and only by the button', async () => {
    const wrapper = mountWithTexts(MultipleAnswer, { options, one: true, given: null });
    const tiles = wrapper.findAll('.options button');
    const send = wrapper.find('.button');
    expect(send.attributes('disabled')).toBeDefined();
    await tiles[0]!.trigger('click');
    await tiles[2]!.trigger('click');
    expect(tiles.map((tile) => tile.attributes('aria-pressed'))).toEqual([
      'false',
      'false',
      'true',
    ]);
    expect(wrapper.emitted('give')).toBeUndefined();
    await send.trigger('click');
    expect(wrapper.emitted('give')).toEqual([[2]]);
  });
});

describe('typing an answer', () => {
  it('sends a number, with comma or point', async () => {
    const wrapper = mountWithTexts(TypedAnswer, { kind: 'number', given: null });
    await wrapper.find('input').setValue('3,5');
    await wrapper.find('form').trigger('submit');
    expect(wrapper.emitted('give')).toEqual([[3.5]]);
  });

  it('asks which number is meant when it is ambiguous, and sends the chosen one', async () => {
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

  it('shows how a number was parsed before it is sent', async () => {
    const wrapper = mountWithTexts(TypedAnswer, { kind: 'number', given: null });
    await wrapper.find('input').setValue('8,849');
    expect(wrapper.text()).toContain('Understood as 8849');
    await wrapper.find('form').trigger('submit');
    expect(wrapper.emitted('give')).toEqual([[8849]]);
  });

  it('has a minus button, which phone keyboards lack', async () => {
    const wrapper = mountWithTexts(TypedAnswer, { kind: 'number', given: null });
    await wrapper.find('input').setValue('12');
    await wrapper.find('.sign').trigger('click');
    await wrapper.find('form').trigger('submit');
    expect(wrapper.emitted('give')).toEqual([[-12]]);
    await wrapper.find('.sign').trigger('click');
    expect(wrapper.find('input').element.value).toBe('12');
  });

  it('shows an error at the field until it is edited', async () => {
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

  it('trims a text and limits it to the server’s length', async () => {
    const wrapper = mountWithTexts(TypedAnswer, { kind: 'text', given: null });
    await wrapper.find('input').setValue(`  ${'x'.repeat(100_000)}`);
    await wrapper.find('form').trigger('submit');
    expect(wrapper.emitted<[string]>('give')?.[0]?.[0]).toHaveLength(200);
  });

  it('does not send a blank text', async () => {
    const wrapper = mountWithTexts(TypedAnswer, { kind: 'text', given: null });
    await wrapper.find('input').setValue('   ');
    await wrapper.find('form').trigger('submit');
    expect(wrapper.emitted('give')).toBeUndefined();
  });
});

describe('putting in order', () => {
  const shown = (wrapper: ReturnType<typeof mountWithTexts>): string[] =>
    wrapper.findAll('li .text').map((item) => item.text());

  it('moves an item to the place that is tapped next, and announces it', async () => {
    const wrapper = mountWithTexts(OrderAnswer, { options, given: null });
    const rows = wrapper.findAll('li .tile');
    await rows[2]!.trigger('click');
    expect(rows[2]!.attributes('aria-pressed')).toBe('true');
    await rows[0]!.trigger('click');
    expect(shown(wrapper)).toEqual(['Oslo', 'Paris', '<b>Rome</b>']);
    await vi.waitFor(() => expect(polite.value).toBe('Oslo: place 1 of 3'));
    expect(wrapper.find('[aria-pressed=true]').exists()).toBe(false);
  });

  it('moves the chosen item by the arrow buttons', async () => {
    const wrapper = mountWithTexts(OrderAnswer, { options, given: null });
    const [up, down] = wrapper.findAll('.arrow');
    await down!.trigger('click');
    expect(shown(wrapper)).toEqual(options);
    await wrapper.findAll('li .tile')[0]!.trigger('click');
    expect(up!.attributes('aria-disabled')).toBe('true');
    await down!.trigger('click');
    await down!.trigger('click');
    await down!.trigger('click');
    expect(shown(wrapper)).toEqual(['<b>Rome</b>', 'Oslo', 'Paris']);
    expect(up!.attributes('aria-label')).toBe('Move Paris up');
  });

  it('moves by keyboard', async () => {
    const wrapper = mountWithTexts(OrderAnswer, { options, given: null });
    wrapper.findAll<HTMLElement>('li .tile')[2]!.element.focus();
    await wrapper.findAll('li .tile')[2]!.trigger('keydown', { key: 'ArrowUp', altKey: true });
    await wrapper.findAll('li .tile')[0]!.trigger('keydown', { key: 'ArrowUp', altKey: true });
    expect(document.activeElement?.textContent).toContain('Oslo');
    expect(shown(wrapper)).toEqual(['Paris', 'Oslo', '<b>Rome</b>']);
  });

  it('moves by dragging past a neighbour’s middle', async () => {
    const wrapper = mountWithTexts(OrderAnswer, { options, given: null });
    // the first row is twice as high as the others
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
    // the click that ends a drag selects nothing
    await wrapper.findAll('li .tile')[1]!.trigger('click');
    expect(wrapper.find('[aria-pressed=true]').exists()).toBe(false);
    window.dispatchEvent(event('pointermove', 300));
    await wrapper.vm.$nextTick();
    expect(shown(wrapper)).toEqual(['<b>Rome</b>', 'Paris', 'Oslo']);
  });

  it('ignores a finger that touches a row outside its grip', async () => {
    const wrapper = mountWithTexts(OrderAnswer, { options, given: null });
    const press = (selector: string): void => {
      const init = { clientY: 10, button: 0, isPrimary: true, bubbles: true, pointerType: 'touch' };
      wrapper.find(selector).element.dispatchEvent(new PointerEvent('pointerdown', init));
    };
    const dragged = async (): Promise<boolean> => {
      await wrapper.vm.$nextTick();
      return wrapper.find('.dragged').exists();
    };
    press('.text');
    expect(await dragged()).toBe(false);
    press('.grip');
    expect(await dragged()).toBe(true);
  });

  it('sends option numbers in the order as shown, and is fixed afterwards', async () => {
    const wrapper = mountWithTexts(OrderAnswer, { options, given: null });
    await wrapper.findAll('li .tile')[0]!.trigger('click');
    await wrapper.findAll('li .tile')[1]!.trigger('click');
    await wrapper.find('.send .primary').trigger('click');
    expect(wrapper.emitted('give')).toEqual([[[1, 0, 2]]]);
    await wrapper.setProps({ given: [1, 0, 2] });
    expect(wrapper.findAll('button')).toHaveLength(0);
  });
});
