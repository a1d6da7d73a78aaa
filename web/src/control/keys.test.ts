import { afterEach, describe, expect, it, vi } from 'vitest';
import { effectScope, type EffectScope } from 'vue';

import { useKeys } from './keys';

let scope: EffectScope | undefined;
afterEach(() => {
  scope?.stop();
  document.body.replaceChildren();
});

function keys(actions: Record<string, () => void>): ReturnType<typeof useKeys> {
  scope = effectScope();
  const made = scope.run(() => useKeys(actions));
  if (!made) throw new Error('no scope');
  return made;
}

function press(key: string, target: EventTarget = window, more: KeyboardEventInit = {}): void {
  target.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }),
  );
}

function added(tag: string): HTMLElement {
  const element = document.createElement(tag);
  document.body.append(element);
  return element;
}

describe('keyboard shortcuts', () => {
  it('trigger their action in either case, but not when repeated or with a modifier', () => {
    const next = vi.fn();
    keys({ n: next });
    press('n');
    press('N');
    press('n', window, { repeat: true });
    press('n', window, { ctrlKey: true });
    expect(next).toHaveBeenCalledTimes(2);
  });

  it('leave keys to the focused element', () => {
    const act = vi.fn();
    keys({ ' ': act, n: act });
    press(' ', added('button'));
    press('n', added('select'));
    press('n', added('input'));
    expect(act).not.toHaveBeenCalled();
    press('n', added('button'));
    expect(act).toHaveBeenCalledOnce();
  });

  it('can be turned off, which is remembered', () => {
    const act = vi.fn();
    keys({ n: act }).toggle();
    press('n');
    scope?.stop();
    expect(keys({ n: act }).on.value).toBe(false);
    press('n');
    expect(act).not.toHaveBeenCalled();
  });
});

it('do nothing under an open dialog or menu', () => {
  const next = vi.fn();
  keys({ n: next });
  const dialog = document.createElement('dialog');
  dialog.setAttribute('open', '');
  document.body.append(dialog);
  press('n');
  press('n', dialog);
  expect(next).not.toHaveBeenCalled();
  dialog.removeAttribute('open');
  press('n');
  expect(next).toHaveBeenCalledOnce();
});
