import { describe, expect, it } from 'vitest';

import { localMs, ServerClock } from './clock';

describe('the server’s clock', () => {
  it('is the device’s own before the first sample', () => {
    expect(Math.abs(new ServerClock().now() - localMs())).toBeLessThan(5);
  });

  it('assumes the server read its clock halfway through the round trip', () => {
    const clock = new ServerClock();
    const now = localMs();
    clock.add(now - 100, 5_000_000 + now - 50, now);
    expect(clock.now() - localMs()).toBeCloseTo(5_000_000, -1);
    expect(clock.uncertainty_ms).toBeCloseTo(50, 3);
  });

  it('keeps the sample of the shortest round trip', () => {
    const clock = new ServerClock();
    const now = localMs();
    clock.add(now - 20, now + 1_000, now); // accurate to within 10 ms
    clock.add(now - 900, now + 700, now); // a delayed packet
    expect(clock.now() - localMs()).toBeCloseTo(1_010, -1);
    clock.add(now - 4, now + 998, now);
    expect(clock.now() - localMs()).toBeCloseTo(1_000, -1);
  });

  it('prefers any round trip to a one-way time', () => {
    const clock = new ServerClock();
    const now = localMs();
    clock.hint(now + 700, now);
    expect(clock.now() - localMs()).toBeCloseTo(700, -1);
    expect(clock.uncertainty_ms).toBeNull();
    clock.add(now - 3_000, now - 1_000, now);
    expect(clock.now() - localMs()).toBeCloseTo(500, -1);
    clock.hint(now + 9_000, now);
    expect(clock.now() - localMs()).toBeCloseTo(500, -1);
  });

  it('accepts a worse sample once the good one is old, because clocks drift', () => {
    const clock = new ServerClock();
    const now = localMs();
    clock.add(now - 11 * 60_000 - 2, now - 11 * 60_000, now - 11 * 60_000);
    clock.add(now - 80, now + 460, now);
    expect(clock.now() - localMs()).toBeCloseTo(500, -1);
  });

  it('drops a sample that a newer one contradicts, because a clock was changed', () => {
    const clock = new ServerClock();
    const now = localMs();
    clock.add(now - 4, now + 998, now); // accurate to within 2 ms
    clock.add(now - 200, now + 5_900, now); // inconsistent with the earlier sample
    expect(clock.now() - localMs()).toBeCloseTo(6_000, -1);
    expect(clock.uncertainty_ms).toBeCloseTo(100, 3);
    clock.add(now - 10, now + 5_993, now);
    expect(clock.now() - localMs()).toBeCloseTo(5_998, -1);
  });

  it('ignores a slow round trip that is consistent with a fast one', () => {
    const clock = new ServerClock();
    const now = localMs();
    clock.add(now - 4, now + 998, now);
    clock.add(now - 4_000, now - 2_900, now); // accurate to within 2 s
    expect(clock.now() - localMs()).toBeCloseTo(1_000, -1);
  });

  it('accepts a message’s time that contradicts the estimate', () => {
    const clock = new ServerClock();
    const now = localMs();
    clock.add(now - 4, now, now);
    clock.hint(now + 3_600_000, now);
    expect(clock.now() - localMs()).toBeCloseTo(3_600_000, -1);
  });

  it('discards old samples after the device has slept', () => {
    const clock = new ServerClock();
    const now = localMs();
    clock.add(now - 2, now, now);
    clock.reset();
    clock.add(now - 500, now + 4_750, now);
    expect(clock.now() - localMs()).toBeCloseTo(5_000, -1);
  });
});
