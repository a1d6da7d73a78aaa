import { expect, it } from 'vitest';

import { shapeOf, standInColumns } from './shape';

it.each([
  ['single', 'options'],
  ['poll', 'options'],
  ['number', 'typed'],
  ['order', 'order'],
  ['slide', 'slide'],
] as const)('a %s question is laid out as %s', (type, shape) => {
  expect(shapeOf({ type })).toBe(shape);
});

it('short options use columns, long or few options do not', () => {
  expect(standInColumns(['Red', 'Green', 'Blue'])).toBe(true);
  expect(standInColumns(['Red', 'Green'])).toBe(false);
  expect(standInColumns(['Red', 'Green', 'Ultramarineblue'])).toBe(false);
});
