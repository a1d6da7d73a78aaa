import { expect, it } from 'vitest';

import { minutesAndSeconds } from './clock';

it.each([
  [0, '0:00'],
  [1, '0:01'],
  [59_001, '1:00'],
  [65_000, '1:05'],
  [3_600_000, '60:00'],
])('%d ms are %s', (left_ms, shown) => expect(minutesAndSeconds(left_ms)).toBe(shown));
