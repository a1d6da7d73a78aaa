/** Quizzes for the screenshots. */
import { LONGEST_S, type Question, type Quiz } from '../e2e/harness/quizzes.ts';
import { inTurn, type Choice } from './guests.ts';

export interface Asked {
  question: Question;
  guests: Choice;
}

const time_limit_s = LONGEST_S;

export const welcome: Question = {
  type: 'slide',
  text: 'Around the world in seven questions. Thumbs ready?',
  time_limit_s,
};

export const flag: Question = {
  type: 'single',
  text: 'Whose flag is this?',
  options: ['South Africa', 'Jamaica', 'Kenya', 'Brazil'],
  correct: [1],
  explanation: 'The only national flag without red, white or blue.',
  time_limit_s,
};

export const coasts: Question = {
  type: 'multiple',
  text: 'Which of these countries have no sea coast?',
  options: ['Bolivia', 'Peru', 'Mongolia', 'Laos', 'Vietnam', 'Chad'],
  correct: [0, 2, 3, 5],
  time_limit_s,
};

export const bees: Question = {
  type: 'boolean',
  text: 'Honey bees tell each other by a dance where flowers are.',
  correct: [0],
  explanation: 'Karl von Frisch decoded the waggle dance and shared a Nobel Prize for it in 1973.',
  time_limit_s,
};

export const everest: Question = {
  type: 'number',
  text: 'How high is Mount Everest, in metres?',
  correct: { value: 8849, tolerance: 50 },
  explanation: 'Measured together by China and Nepal in 2020.',
  time_limit_s,
};

export const whale: Question = {
  type: 'text',
  text: 'Which animal is the heaviest alive?',
  correct: { accepted: ['Blue whale', 'The blue whale'] },
  time_limit_s,
};

export const inventions: Question = {
  type: 'order',
  text: 'Put these inventions in order, the oldest first.',
  options: ['Printing press', 'Telephone', 'Transistor', 'World Wide Web'],
  time_limit_s,
};

export const next: Question = {
  type: 'poll',
  text: 'Which continent would you like to see next?',
  options: ['Africa', 'Asia', 'Europe', 'Oceania', 'South America'],
  time_limit_s,
};

/** Two of three guests give the right order; the others put the last item first. */
const sorted: Choice = (guest, options) => {
  const right = (inventions.options ?? []).map((item) => options.indexOf(item));
  return guest % 3 ? right : right.toReversed();
};

export const asked: Asked[] = [
  { question: welcome, guests: inTurn(null) },
  { question: flag, guests: inTurn(1, 1, 2, 1, 0, 1, 3, 1, 2) },
  { question: coasts, guests: inTurn([0, 2, 3, 5], [0, 2], [1, 3], [2, 3, 5], [0, 2, 3, 5]) },
  { question: bees, guests: inTurn(0, 0, 1, 0, null) },
  { question: everest, guests: inTurn(8849, 8848, 8000, 8850, 9000, 8849, 7500) },
  {
    question: whale,
    guests: inTurn('Blue whale', 'blue whale', 'Elephant', 'Whale', 'Blue Whale'),
  },
  { question: inventions, guests: sorted },
  { question: next, guests: inTurn(0, 1, 3, 1, 4, 3, 3, 2) },
];

export function tourWith(media: NonNullable<Question['media']>): Quiz {
  return {
    title: 'Around the world',
    language: 'en',
    questions: asked.map(({ question }) => (question === flag ? { ...flag, media } : question)),
  };
}

const LONG =
  'Welche der folgenden Städte war zwischen dem Westfälischen Frieden und der Gründung des ' +
  'Deutschen Reiches zu keinem Zeitpunkt die Hauptstadt eines selbständigen Fürstentums?';

/** The longest texts, in a language with long words and a right-to-left one. */
export const long: Quiz = {
  title: 'Geschichte und Gesellschaft: die große Jahresabschlussprüfung der zehnten Klassen',
  language: 'de',
  questions: [
    {
      type: 'single',
      text: LONG,
      options: [
        'Die ehemalige Residenzstadt Sondershausen in Thüringen',
        'Braunschweig-Wolfenbüttel',
        'Bückeburg, damals die Residenz von Schaumburg-Lippe',
        'Keine davon: alle waren es irgendwann',
      ],
      correct: [3],
      explanation: LONG,
      time_limit_s,
    },
    {
      type: 'multiple',
      text: 'Donaudampfschifffahrtsgesellschaftskapitän oder Rindfleischetikettierungsüberwachung?',
      options: Array.from({ length: 8 }, (_, index) => `Möglichkeit Nummer ${index + 1}`),
      correct: [0, 5],
      time_limit_s,
    },
    {
      type: 'single',
      text: 'ما هي عاصمة المغرب؟',
      options: ['الدار البيضاء', 'الرباط', 'مراكش', 'فاس'],
      correct: [1],
      time_limit_s,
    },
    {
      type: 'order',
      text: 'Bringe diese Ereignisse in die richtige Reihenfolge, das älteste zuerst.',
      options: [
        'Der Westfälische Friede beendet den Dreißigjährigen Krieg',
        'Die Französische Revolution',
        'Die Gründung des Norddeutschen Bundes unter preußischer Führung',
        'Die Weimarer Nationalversammlung',
      ],
      time_limit_s,
    },
  ],
};

/** Questions with rich content, and one that most guests run out of time for. */
export function lesson(pictures: NonNullable<Question['media']>[]): Quiz {
  const [picture] = pictures;
  return {
    title: 'A lesson with everything',
    language: 'en',
    questions: [
      {
        type: 'single',
        text: 'Which of these belongs to Jamaica?',
        options: ['', 'The second', '', 'None of them'],
        option_media: [...pictures, null],
        correct: [0],
        explanation: 'All of them do.',
        time_limit_s,
      },
      {
        type: 'single',
        text: 'What does this print?\n```\nfor n in range(3):\n    if n % 2 == 0:\n        print(n, end=" ")\n```',
        options: ['`0 2`', '$\\frac{1}{2} + x^2$', '`1`', 'Nothing: it has an **error**'],
        correct: [0],
        time_limit_s,
      },
      {
        type: 'single',
        text: LONG,
        options: [
          'Die ehemalige Residenzstadt Sondershausen in Thüringen',
          'Braunschweig-Wolfenbüttel',
          'Bückeburg, damals die Residenz von Schaumburg-Lippe',
          'Keine davon: alle waren es irgendwann',
        ],
        correct: [3],
        explanation: LONG,
        time_limit_s,
      },
      { ...everest, time_limit_s },
      { ...whale, ...(picture && { media: picture }), time_limit_s },
      { ...bees, time_limit_s: 5 },
    ],
  };
}
