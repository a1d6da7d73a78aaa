/** How a question type is answered: selected, typed, ordered, or not at all. */
import type { Question } from '@/protocol/messages';

export type Shape = 'options' | 'typed' | 'order' | 'slide';

const SHAPES: Record<Question['type'], Shape> = {
  single: 'options',
  multiple: 'options',
  boolean: 'options',
  poll: 'options',
  number: 'typed',
  text: 'typed',
  order: 'order',
  slide: 'slide',
};

export function shapeOf({ type }: { type: Question['type'] }): Shape {
  return SHAPES[type];
}

const SHORT = /^(?!.*\S{14}).{0,24}$/u;

/** Short options use two columns on phones, as on the big screen. */
export function standInColumns(options: readonly string[]): boolean {
  return options.length > 2 && options.every((text) => SHORT.test(text));
}
