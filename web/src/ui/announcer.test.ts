import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watch } from 'vue';

import { announce, assertive, polite } from './announcer';

describe('announcements', () => {
  const heard: string[] = [];
  const stop = watch(polite, (text) => text && heard.push(text), { flush: 'sync' });

  beforeEach(() => {
    heard.length = 0;
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.runAllTimers();
    vi.useRealTimers();
  });

  it('are queued, each shown long enough to be noticed', () => {
    announce('Right! 900 points.');
    announce('Question 2 of 3.');
    vi.advanceTimersByTime(100);
    expect(polite.value).toBe('Right! 900 points.');
    vi.advanceTimersByTime(500);
    expect(polite.value).toBe('Right! 900 points.');
    vi.advanceTimersByTime(300);
    expect(polite.value).toBe('Question 2 of 3.');
    expect(heard).toEqual(['Right! 900 points.', 'Question 2 of 3.']);
  });

  it('are read out again when repeated', () => {
    announce('10 seconds left');
    vi.runAllTimers();
    announce('10 seconds left');
    vi.runAllTimers();
    expect(heard).toEqual(['10 seconds left', '10 seconds left']);
  });

  it('drop the oldest when there are too many', () => {
    for (let count = 1; count <= 20; count++) announce(`place ${count}`);
    vi.runAllTimers();
    expect(heard).toEqual([1, 15, 16, 17, 18, 19, 20].map((count) => `place ${count}`));
  });

  it('that are urgent skip the queue', () => {
    announce('Question 2 of 3.');
    announce('Removed', true);
    vi.advanceTimersByTime(100);
    expect(assertive.value).toBe('Removed');
    stop();
  });
});
