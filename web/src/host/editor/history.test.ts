import { describe, expect, it } from 'vitest';

import { History } from './history';

function history(start = 'a') {
  const clock = { now: 0 };
  return { clock, steps: new History(start, () => clock.now) };
}

describe('the history', () => {
  it('undoes and redoes', () => {
    const { steps } = history();
    steps.push('b', 'one');
    steps.push('c', 'two');
    expect(steps.undo()).toBe(true);
    expect(steps.current.value).toBe('b');
    steps.undo();
    expect(steps.current.value).toBe('a');
    expect(steps.canUndo).toBe(false);
    expect(steps.undo()).toBe(false);
    steps.redo();
    steps.redo();
    expect(steps.current.value).toBe('c');
    expect(steps.redo()).toBe(false);
  });

  it('merges quick changes of the same field into one step', () => {
    const { clock, steps } = history();
    for (const text of ['ab', 'abc', 'abcd']) {
      clock.now += 400;
      steps.push(text, 'text');
    }
    steps.undo();
    expect(steps.current.value).toBe('a');
  });

  it('keeps changes of other fields, or after a pause, as separate steps', () => {
    const { clock, steps } = history();
    steps.push('b', 'text');
    steps.push('c', 'title');
    clock.now += 5_000;
    steps.push('d', 'title');
    steps.undo();
    expect(steps.current.value).toBe('c');
    steps.undo();
    expect(steps.current.value).toBe('b');
  });

  it('cannot redo after another change', () => {
    const { steps } = history();
    steps.push('b', 'x');
    steps.undo();
    steps.push('c', 'x');
    expect(steps.canRedo).toBe(false);
    steps.undo();
    expect(steps.current.value).toBe('a');
  });

  it('does not merge into a step after an undo', () => {
    const { steps } = history();
    steps.push('b', 'text');
    steps.push('c', 'other');
    steps.undo();
    steps.push('d', 'text');
    steps.undo();
    expect(steps.current.value).toBe('a');
  });
});
