import { beforeAll, describe, expect, it } from 'vitest';

import JoinForm from '@/player/JoinForm.vue';
import PinForm from '@/player/PinForm.vue';
import { mountWithTexts, withTexts } from '@/testing/mount';

import { drawShell } from './shell';

beforeAll(() => withTexts());

/** The visible and accessible parts of an entry form, ignoring what only the application has. */
function looks(root: ParentNode): unknown {
  const form = root.querySelector('form')!;
  const [input, label, button] = ['input', 'label', 'button'].map((tag) =>
    form.querySelector(tag)!,
  );
  const kept = ['inputmode', 'autocomplete', 'placeholder', 'dir'];
  return {
    form: [...form.classList].sort(),
    chip: form.querySelector('.entry-chip')?.textContent,
    heading: form.querySelector('h1')?.textContent,
    lead: form.querySelector('.soft')?.textContent,
    label: label?.textContent.trim(),
    labelled: label?.getAttribute('for') === input?.id,
    input: kept.map((name) => input?.getAttribute(name) ?? (name === 'inputmode' ? 'text' : null)),
    named: [...(input?.closest('.entry-pin, .entry-name')?.classList ?? [])].filter((name) =>
      name.startsWith('entry-'),
    ),
    button: button?.textContent.trim(),
    buttonLooks: [...(button?.classList ?? [])].sort(),
  };
}

describe('the shell’s form looks like the application’s', () => {
  it.each([
    ['/', PinForm, {}],
    ['/join/482913', JoinForm, { pin: '482913' }],
  ])('at %s', (path, component, props) => {
    const root = document.createElement('div');
    document.body.append(root);
    drawShell(root, path, 'en');
    const wrapper = mountWithTexts(component, props);
    expect(looks(root)).toEqual(looks(wrapper.element.parentElement as ParentNode));
  });
});
