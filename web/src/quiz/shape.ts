/** How a question is laid out: what is picked, typed, ordered, or only shown. */
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

/** Short answers stand in two columns on a phone, too, as they do on the big screen. */
export function standInColumns(options: readonly string[]): boolean {
  return options.length > 2 && options.every((text) => SHORT.test(text));
}
