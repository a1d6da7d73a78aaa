import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { effectScope, nextTick, ref } from 'vue';

import { useSeen } from './stages';

const index = ref<number | null>(null);
const paused = ref(false);

function stages(): ReturnType<typeof useSeen> {
  const made = effectScope().run(() =>
    useSeen(
      () => index.value,
      () => 1_000,
      () => paused.value,
    ),
  );
  if (!made) throw new Error('no scope');
  return made;
}

beforeEach(() => {
  vi.useFakeTimers();
  [index.value, paused.value] = [null, false];
});
afterEach(() => vi.useRealTimers());

describe('the solution', () => {
  it('is shown for its time, and again for each question', () => {
    const seen = stages();
    index.value = 0;
    vi.advanceTimersByTime(999);
    expect(seen.value).toBe(false);
    vi.advanceTimersByTime(1);
    expect(seen.value).toBe(true);
    index.value = 1;
    expect(seen.value).toBe(false);
  });

  it('stays while the run is paused', async () => {
    const seen = stages();
    index.value = 0;
    paused.value = true;
    await nextTick();
    vi.advanceTimersByTime(5_000);
    expect(seen.value).toBe(false);
    paused.value = false;
    await nextTick();
    vi.advanceTimersByTime(1_000);
    expect(seen.value).toBe(true);
  });
});
