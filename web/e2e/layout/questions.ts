/** Questions of every type, as short and as long as the format allows. */
import type { Question } from '../../src/protocol/messages.ts';

export interface Asked {
  type: Question['type'];
  text: string;
  options?: string[];
  picture?: boolean;
  sound?: boolean;
  language?: string;
}

const SENTENCE =
  'the largest of all oceans on Earth covers more of its surface than every continent and island taken together and is still growing narrower ';
const GERMAN =
  'Donaudampfschifffahrtsgesellschaft Rechtsschutzversicherungsgesellschaften Straßenverkehrsordnung und Geschwindigkeitsbegrenzung ';
const ARABIC = 'أكبر محيط على سطح الأرض يغطي مساحة أكبر من جميع القارات والجزر مجتمعة ';

/** Text of the given length in a language, different for each `at`. */
function words(length: number, at = 0, of = SENTENCE): string {
  const long = of.repeat(Math.ceil((length + at * 7) / of.length) + 1);
  return long
    .slice(at * 7, at * 7 + length)
    .trim()
    .padEnd(length, 'e');
}

function options(count: number, length: number, of?: string): string[] {
  return Array.from({ length: count }, (_, at) => words(length, at, of));
}

const SHORT = 'Which ocean is the largest?';
const PICKED = ['single', 'multiple', 'poll', 'order'] as const;

/** Questions that fit a phone of 320 × 568 at the smallest type. */
export const FITTING: Asked[] = [
  ...PICKED.flatMap((type) =>
    [2, 4, 6, 12].flatMap((count): Asked[] => [
      { type, text: SHORT, options: options(count, 8) },
      { type, text: SHORT, options: options(count, 8), picture: true },
      { type, text: words(300), options: options(count, 20) },
      { type, text: words(1000), options: options(count, 20), picture: true },
    ]),
  ),
  { type: 'single', text: SHORT, options: options(2, 200), picture: true },
  { type: 'multiple', text: words(120), options: options(3, 200), picture: true },
  { type: 'single', text: SHORT, options: options(4, 100), picture: true },
  { type: 'multiple', text: words(200), options: options(6, 80), picture: true },
  { type: 'poll', text: SHORT, options: options(12, 40) },
  { type: 'single', text: words(60, 0, GERMAN), options: options(4, 34, GERMAN), language: 'de' },
  { type: 'multiple', text: words(90, 0, GERMAN), options: options(6, 60, GERMAN), language: 'de' },
  { type: 'single', text: words(80, 0, ARABIC), options: options(6, 50, ARABIC), language: 'ar' },
  { type: 'order', text: words(80, 0, ARABIC), options: options(6, 30, ARABIC), language: 'ar' },
  { type: 'single', text: 'x'.repeat(300), options: options(4, 80, 'y'.repeat(80)) },
  { type: 'boolean', text: SHORT },
  { type: 'boolean', text: words(1000), picture: true },
  { type: 'number', text: words(300), picture: true },
  { type: 'text', text: words(1000), picture: true },
  { type: 'slide', text: words(1000), picture: true },
  ...PICKED.map((type): Asked => ({ type, text: SHORT, options: options(4, 20), sound: true })),
  { type: 'single', text: words(300), options: options(6, 20), picture: true, sound: true },
  { type: 'poll', text: SHORT, options: options(12, 8), sound: true },
  { type: 'number', text: words(300), sound: true },
  { type: 'slide', text: words(1000), picture: true, sound: true },
];

/** The longest allowed questions: the options scroll, and nothing else does. */
export const BEYOND: Asked[] = PICKED.map((type) => ({
  type,
  text: words(1000),
  options: options(12, 200),
  picture: true,
}));
