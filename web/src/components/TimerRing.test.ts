import { mount } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defineComponent, h, onUpdated, reactive } from 'vue';

import { useRemaining } from '@/live/use';

import TimerRing from './TimerRing.vue';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A page with a ring that counts its renders. */
function countdown(limit_ms: number) {
  const run = reactive({ closes_at: Date.now() + limit_ms, frozen: null as number | null });
  const renders = { page: 0, frames: 0 };
  vi.spyOn(window, 'requestAnimationFrame').mockImplementation(() => ++renders.frames);
  const Page = defineComponent({
    setup() {
      const remaining = useRemaining(
        { now: () => Date.now() },
        () => run.closes_at,
        () => run.frozen,
      );
      onUpdated(() => renders.page++);
      return () =>
        h(TimerRing, { remaining: remaining.value, limit: limit_ms, paused: run.frozen !== null });
    },
  });
  const wrapper = mount(Page);
  const seconds = (): string => wrapper.find('.seconds').text();
  const ring = (): Element => wrapper.find('.face').element;
  const after = async (ms: number): Promise<void> => {
    await vi.advanceTimersByTimeAsync(ms);
  };
  return { run, renders, seconds, ring, after, wrapper };
}

describe('a countdown', () => {
  it('renders once a second, asks for no frames, and leaves the ring alone', async () => {
    const { renders, seconds, ring, after } = countdown(20_000);
    const first = ring();
    expect(seconds()).toBe('20');
    await after(10_100);
    expect(seconds()).toBe('10');
    expect(renders.page).toBeLessThanOrEqual(11);
    expect(renders.page).toBeGreaterThanOrEqual(10);
    expect(renders.frames).toBe(0);
    expect(ring()).toBe(first);
    await after(60_000);
    expect(seconds()).toBe('0');
    expect(renders.page).toBeLessThanOrEqual(21);
  });

  it('sets the ring anew where the deadline moves, and holds it in a pause', async () => {
    const { run, renders, seconds, ring, after, wrapper } = countdown(20_000);
    const first = ring();
    await after(5_000);
    run.closes_at += 10_000;
    await after(0);
    expect(seconds()).toBe('25');
    expect(ring()).not.toBe(first);
    run.frozen = 12_000;
    await after(0);
    expect(seconds()).toBe('12');
    expect(wrapper.find('.face').attributes('style')).toContain('--begun: -8000ms');
    const rendered = renders.page;
    await after(30_000);
    expect(renders.page).toBe(rendered);
  });
});
