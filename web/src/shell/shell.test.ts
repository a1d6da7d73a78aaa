import { beforeEach, describe, expect, it } from 'vitest';

import { drawFailure, drawShell } from './shell';
import { noteTyped, takeTyped } from './typed';

describe('the shell’s form', () => {
  let root: HTMLElement;

  beforeEach(() => {
    root = document.createElement('div');
    document.body.replaceChildren(root);
  });

  it('asks for a PIN on the entry page, in the user’s language', () => {
    drawShell(root, '/', 'de');
    expect(root.querySelector('h1')?.textContent).toBe('Quiz beitreten');
    expect(root.querySelector('label')?.htmlFor).toBe(root.querySelector('input')?.id);
    expect(root.querySelector('input')?.inputMode).toBe('numeric');
  });

  it('asks for a name if the address has a PIN', () => {
    drawShell(root, '/join/482913', 'en');
    expect(root.textContent).toContain('PIN 482913');
    expect(root.querySelector('input')?.autocomplete).toBe('nickname');
  });

  it('leaves every other page to the application', () => {
    for (const path of ['/join/1', '/join/<b>', '/play/x', '/host', '/screen/1'])
      drawShell(root, path, 'en');
    drawShell(root, '/', 'xx');
    expect(root.childElementCount).toBe(0);
  });

  it('shows an error if the application cannot be loaded, instead of waiting forever', () => {
    drawShell(root, '/join/482913', 'fr');
    root.querySelector('form')!.dispatchEvent(new Event('submit', { cancelable: true }));
    drawFailure(root, 'fr');
    expect(root.querySelector('form')).toBeNull();
    expect(root.querySelector('[role=alert] h1')?.textContent).toContain('n’a pas pu être chargée');
    expect(root.querySelector('button')?.textContent).toBe('Réessayer');
  });

  it('hands over its input once', () => {
    drawShell(root, '/', 'en');
    const input = root.querySelector('input')!;
    input.value = '482913';
    input.focus();
    root.querySelector('form')!.dispatchEvent(new Event('submit', { cancelable: true }));
    noteTyped(root);
    expect(takeTyped()).toEqual({ value: '482913', focused: true, submitted: true });
    expect(takeTyped()).toBeNull();
  });

  it('hands over nothing without a form', () => {
    noteTyped(root);
    expect(takeTyped()).toBeNull();
  });
});
