/** An icon for each question type, in a box of 24 × 24. */
import type { QuestionType } from '../types';

export const TYPE_MARKS: Record<QuestionType, string> = {
  single: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z',
  multiple: 'M4 4h7v7H4zM13 13h7v7h-7zM5.5 17l2 2 4-4.5M14.5 8l2 2 4-4.5',
  boolean: 'm3 12 3.5 3.5L12 9M15 9l6 6M21 9l-6 6',
  number: 'M9.5 4 7 20M17 4l-2.5 16M4 9h16M3.5 15h16',
  text: 'M5 6V4.5h14V6M12 4.5V20M9.5 20h5',
  order: 'M10 6h10M10 12h10M10 18h10M5 4v16M2.8 17.8 5 20l2.2-2.2',
  poll: 'M5 20v-7M12 20V5M19 20v-10',
  slide: 'M3 5h18v11H3zM12 16v4M8 20h8M7.5 9h9M7.5 12h5',
};
