/**
 * A quiz being edited, possibly incomplete, and its conversion from and to the stored format. A
 * question keeps the content of other types, so that changing the type loses nothing.
 */
import { DEFAULT_POINTS, DEFAULT_TIME_LIMIT_S } from '@/protocol/limits';
import { valueOfStored } from '@/quiz/number';
import { randomKey } from '@/ui/random';

import type { Media, Quiz, QuizQuestion, QuestionType, Sound } from '../types';

export const TYPES: readonly QuestionType[] = [
  'single',
  'multiple',
  'boolean',
  'number',
  'text',
  'order',
  'poll',
  'slide',
];

export interface DraftOption {
  readonly id: string;
  readonly text: string;
  readonly correct: boolean;
  /** Absent in drafts kept by earlier releases. */
  readonly media?: Required<Media> | null;
}

export interface DraftQuestion {
  readonly id: string;
  readonly type: QuestionType;
  readonly text: string;
  /** Options, in the right order for `order` questions. Blank ones are not stored. */
  readonly options: readonly DraftOption[];
  /** Whether the statement of a `boolean` question is true. */
  readonly truth: boolean | null;
  /** The solution of a `number` question, as returned by `storedNumber`. */
  readonly value: string;
  readonly tolerance: string;
  /** Accepted answers of a `text` question. Blank ones are not stored. */
  readonly accepted: readonly string[];
  readonly media: Required<Media> | null;
  /** Absent in drafts kept by earlier releases. */
  readonly audio?: Required<Sound> | null;
  readonly explanation: string;
  /** As typed. */
  readonly time_limit_s: string;
  readonly points: string;
}

export interface Draft {
  readonly title: string;
  readonly language: string;
  readonly questions: readonly DraftQuestion[];
}

const START_OPTIONS = 4;

export function hasOptions(type: QuestionType): boolean {
  return type === 'single' || type === 'multiple' || type === 'order' || type === 'poll';
}

/** Whether the type has a right answer and points. */
export function isScored(type: QuestionType): boolean {
  return type !== 'poll' && type !== 'slide';
}

export function newOption(
  text = '',
  correct = false,
  media: DraftOption['media'] = null,
): DraftOption {
  return { id: randomKey(), text, correct, media };
}

/** An option's label: its text or its picture's description. */
export function labelOf({ text, media }: DraftOption): string {
  const words = text.trim();
  return words === '' && media ? media.alt.trim() : words;
}

export function newQuestion(type: QuestionType): DraftQuestion {
  return {
    id: randomKey(),
    type,
    text: '',
    options: Array.from({ length: START_OPTIONS }, () => newOption()),
    truth: null,
    value: '',
    tolerance: '0',
    accepted: [''],
    media: null,
    audio: null,
    explanation: '',
    time_limit_s: String(DEFAULT_TIME_LIMIT_S),
    points: String(DEFAULT_POINTS),
  };
}

export function newDraft(language: string): Draft {
  return { title: '', language, questions: [newQuestion('single')] };
}

/** The options that are stored. */
export function filledOptions(question: DraftQuestion): DraftOption[] {
  return question.options.filter(({ text, media }) => Boolean(media) || text.trim() !== '');
}

export function fromQuiz(quiz: Quiz): Draft {
  return {
    title: quiz.title,
    language: quiz.language ?? 'en',
    questions: quiz.questions.map(fromQuestion),
  };
}

function fromQuestion(question: QuizQuestion): DraftQuestion {
  const draft = {
    ...newQuestion(question.type),
    text: question.text,
    media: question.media ? { url: question.media.url, alt: question.media.alt ?? '' } : null,
    audio: question.audio ? soundIn(question.audio) : null,
    explanation: question.explanation ?? '',
    time_limit_s: String(question.time_limit_s ?? DEFAULT_TIME_LIMIT_S),
    points: String(question.points ?? DEFAULT_POINTS),
  };
  switch (question.type) {
    case 'single':
    case 'multiple': {
      const right = new Set(question.correct);
      return {
        ...draft,
        options: question.options.map((text, at) =>
          optionIn(text, right.has(at), question.option_media?.[at]),
        ),
      };
    }
    case 'order':
    case 'poll':
      return {
        ...draft,
        options: question.options.map((text, at) =>
          optionIn(text, false, question.option_media?.[at]),
        ),
      };
    case 'boolean':
      return { ...draft, truth: question.correct.length ? question.correct[0] === 0 : null };
    case 'number': {
      const { value, tolerance = 0 } = question.correct;
      return { ...draft, value: String(value), tolerance: String(tolerance) };
    }
    case 'text':
      return { ...draft, accepted: question.correct.accepted };
    case 'slide':
      return draft;
  }
}

function soundIn({ url, text = '', duration_ms = null }: Sound): Required<Sound> {
  return { url, text, duration_ms };
}

/** The label of an option with only a picture is its description, so its own text is empty. */
function optionIn(text: string, correct: boolean, picture: Media | null | undefined): DraftOption {
  const media = picture ? { url: picture.url, alt: picture.alt ?? '' } : null;
  return newOption(media?.alt === text ? '' : text, correct, media);
}

/** The quiz in the stored format; valid only if the draft has no problems. */
export function toQuiz(draft: Draft): Quiz {
  return {
    title: draft.title.trim(),
    language: draft.language,
    questions: draft.questions.map(toQuestion),
  };
}

function toQuestion(question: DraftQuestion): QuizQuestion {
  const explanation = question.explanation.trim();
  const common = {
    text: question.text.trim(),
    time_limit_s: Number(question.time_limit_s),
    ...(isScored(question.type) ? { points: Number(question.points) } : {}),
    ...(question.media ? { media: { ...question.media, url: question.media.url.trim() } } : {}),
    ...(question.audio ? { audio: { ...question.audio, text: question.audio.text.trim() } } : {}),
    ...(explanation ? { explanation } : {}),
  };
  const filled = filledOptions(question);
  const pictures = filled.map(({ media }) =>
    media ? { url: media.url.trim(), alt: media.alt.trim() } : null,
  );
  const answers = {
    options: filled.map(labelOf),
    ...(pictures.some(Boolean) ? { option_media: pictures } : {}),
  };
  const right = filled.flatMap((option, at) => (option.correct ? [at] : []));
  switch (question.type) {
    case 'single':
      return { type: 'single', ...common, ...answers, correct: right.slice(0, 1) };
    case 'multiple':
      return { type: 'multiple', ...common, ...answers, correct: right };
    case 'order':
    case 'poll':
      return { type: question.type, ...common, ...answers };
    case 'boolean':
      return { type: 'boolean', ...common, correct: [question.truth ? 0 : 1] };
    case 'number': {
      const [value, tolerance] = [valueOfStored(question.value), valueOfStored(question.tolerance)];
      return {
        type: 'number',
        ...common,
        correct: { value: value ?? 0, tolerance: tolerance ?? 0 },
      };
    }
    case 'text': {
      const accepted = question.accepted.map((text) => text.trim()).filter((text) => text !== '');
      return { type: 'text', ...common, correct: { accepted } };
    }
    case 'slide':
      return { type: 'slide', ...common };
  }
}
