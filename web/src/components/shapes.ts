/** Marks of options. Colours repeat after 8 and shapes after 12, so that no pair repeats. */

export const SHAPES = [
  'triangle',
  'diamond',
  'circle',
  'square',
  'star',
  'hexagon',
  'cross',
  'heart',
  'drop',
  'moon',
  'bolt',
  'clover',
] as const;

export type Shape = (typeof SHAPES)[number];

export const COLOURS = 8;

/** Paths in a box of 24 × 24. */
export const PATHS: Record<Shape, string> = {
  triangle: 'M12 3.2 22 20.6H2z',
  diamond: 'M12 1.5 22.5 12 12 22.5 1.5 12z',
  circle: 'M12 2.2a9.8 9.8 0 1 0 0 19.6 9.8 9.8 0 0 0 0-19.6z',
  square: 'M3.4 3.4h17.2v17.2H3.4z',
  star: 'm12 1.6 3.2 6.9 7.5.9-5.5 5.2 1.4 7.4-6.6-3.7L5.4 22l1.4-7.4L1.3 9.4l7.5-.9z',
  hexagon: 'M6.6 2.6h10.8L22.8 12l-5.4 9.4H6.6L1.2 12z',
  cross: 'M8.4 2.2h7.2v6.2h6.2v7.2h-6.2v6.2H8.4v-6.2H2.2V8.4h6.2z',
  heart:
    'M12 21.6 3.3 13C.6 10.3.6 6.2 3.3 3.7c2.5-2.3 6.1-1.9 8.7 1.3 2.6-3.2 6.2-3.6 8.7-1.3 2.7 2.5 2.7 6.6 0 9.3z',
  drop: 'M12 1.4c4.4 5.1 7.4 9 7.4 13a7.4 7.4 0 0 1-14.8 0c0-4 3-7.9 7.4-13z',
  moon: 'M14.8 1.8a10.3 10.3 0 1 0 7.6 14.9A9 9 0 0 1 14.8 1.8z',
  bolt: 'M14.2 1.2 3.6 13.6h7l-1.4 9.2 11.2-13h-7.4z',
  clover:
    'M12 1.6a5 5 0 0 1 4.9 6 5 5 0 1 1-2.6 8.9V22h-4.6v-5.5a5 5 0 1 1-2.6-8.9 5 5 0 0 1 4.9-6z',
};

export function shapeOf(index: number): Shape {
  return SHAPES[index % SHAPES.length] ?? 'circle';
}

/** The custom properties that colour an option: `--fill`, `--edge-fill`, `--on-fill`. */
export function answerColours(index: number): Record<string, string> {
  const colour = index % COLOURS;
  return {
    '--fill': `var(--answer-${colour})`,
    '--edge-fill': `var(--answer-edge-${colour})`,
    '--on-fill': `var(--on-answer-${colour})`,
  };
}
