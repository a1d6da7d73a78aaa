/** Quizzes used by the tests. */

export interface Question {
  type: 'single' | 'multiple' | 'boolean' | 'number' | 'text' | 'order' | 'poll' | 'slide';
  text: string;
  options?: string[];
  option_media?: ({ url: string; alt?: string } | null)[];
  correct?: unknown;
  media?: { url: string; alt?: string };
  explanation?: string;
  time_limit_s?: number;
  points?: number;
}

export interface Quiz {
  title: string;
  language?: string;
  questions: Question[];
}

export const LONGEST_S = 60;

export const ocean: Question = {
  type: 'single',
  text: 'Which ocean is the largest?',
  options: ['Atlantic', 'Indian', 'Pacific', 'Arctic'],
  correct: [2],
  explanation: 'It is larger than all the land together.',
  time_limit_s: LONGEST_S,
};

export const primes: Question = {
  type: 'multiple',
  text: 'Which of these are prime?',
  options: ['Two', 'Nine', 'Eleven', 'Twenty-one'],
  correct: [0, 2],
  time_limit_s: LONGEST_S,
};

export const bees: Question = {
  type: 'boolean',
  text: 'Honey bees dance to tell where flowers are.',
  correct: [0],
  time_limit_s: LONGEST_S,
};

export const tower: Question = {
  type: 'number',
  text: 'How tall is the Eiffel Tower, in metres?',
  correct: { value: 330, tolerance: 10 },
  time_limit_s: LONGEST_S,
};

export const whale: Question = {
  type: 'text',
  text: 'Which animal is the heaviest alive?',
  correct: { accepted: ['Blue whale'] },
  time_limit_s: LONGEST_S,
};

export const inventions: Question = {
  type: 'order',
  text: 'Put these inventions in order, the oldest first.',
  options: ['Printing press', 'Telephone', 'Transistor', 'World Wide Web'],
  time_limit_s: LONGEST_S,
};

export const favourite: Question = {
  type: 'poll',
  text: 'Which kind of question do you like best?',
  options: ['Choices', 'Numbers', 'Words'],
  time_limit_s: LONGEST_S,
};

export const welcome: Question = {
  type: 'slide',
  text: 'Seven questions of every kind. Ready?',
  time_limit_s: LONGEST_S,
};

export const everyType: Quiz = {
  title: 'Every type',
  language: 'en',
  questions: [welcome, ocean, primes, bees, tower, whale, inventions, favourite],
};

export function quizOf(...questions: Question[]): Quiz {
  return { title: 'A short quiz', language: 'en', questions };
}
