/**
 * Validates a draft with the server's rules, so that problems can be shown while typing and in the
 * host's language. The server decides.
 */
import * as limits from '@/protocol/limits';
import { valueOfStored } from '@/quiz/number';

import { lengthOf } from '../parts/limit';

import {
  filledOptions,
  hasOptions,
  labelOf,
  isScored,
  type Draft,
  type DraftQuestion,
} from './draft';

export const LIMITS = {
  title: limits.MAX_TITLE_CHARS,
  text: limits.MAX_PROMPT_CHARS,
  option: limits.MAX_OPTION_CHARS,
  accepted: limits.MAX_ACCEPTED_CHARS,
  explanation: limits.MAX_EXPLANATION_CHARS,
  url: limits.MAX_URL_CHARS,
  alt: limits.MAX_ALT_CHARS,
  soundText: limits.MAX_SOUND_TEXT_CHARS,
  number: 40,
} as const;

export const TIME_LIMIT_S = {
  least: limits.MIN_TIME_LIMIT_S,
  most: limits.MAX_TIME_LIMIT_S,
};
export const POINTS = { least: 0, most: limits.MAX_POINTS };

export interface DraftProblem {
  /** Index of the question; `null` for the quiz itself. */
  question: number | null;
  /** `text`, `options`, `option.<id>`, `correct`, `accepted.<place>`, `media.url`, `audio.text`, … */
  field: string;
  /** Suffix of the message key. */
  key: string;
  params?: Record<string, number | string>;
  /** The server's message, for problems unknown to this client. */
  message?: string;
}

type Found = Omit<DraftProblem, 'question'>;

export function problemsOf(draft: Draft): DraftProblem[] {
  const found: DraftProblem[] = [];
  const quiz = (problem: Found): number => found.push({ question: null, ...problem });
  if (!draft.title.trim()) quiz({ field: 'title', key: 'title_missing' });
  if (draft.questions.length === 0) quiz({ field: 'questions', key: 'questions_missing' });
  if (draft.questions.length > limits.MAX_QUESTIONS)
    quiz({ field: 'questions', key: 'questions_many', params: { most: limits.MAX_QUESTIONS } });
  if (lengthOf(draft.title) > LIMITS.title) quiz(long('title', LIMITS.title));
  draft.questions.forEach((question, at) => {
    for (const problem of problemsIn(question)) found.push({ question: at, ...problem });
  });
  return found;
}

export function problemsIn(question: DraftQuestion): Found[] {
  return [
    ...textProblems(question),
    ...(hasOptions(question.type) ? optionProblems(question) : []),
    ...solutionProblems(question),
    ...mediaProblems(question),
    ...soundProblems(question),
    ...whole('time_limit_s', question.time_limit_s, TIME_LIMIT_S),
    ...(isScored(question.type) ? whole('points', question.points, POINTS) : []),
  ];
}

function textProblems({ text, explanation, media }: DraftQuestion): Found[] {
  const found: Found[] = [];
  if (!text.trim() && !media?.alt.trim()) found.push({ field: 'text', key: 'text_missing' });
  if (lengthOf(text) > LIMITS.text) found.push(long('text', LIMITS.text));
  if (lengthOf(explanation) > LIMITS.explanation)
    found.push(long('explanation', LIMITS.explanation));
  return found;
}

function optionProblems(question: DraftQuestion): Found[] {
  const found: Found[] = [];
  const filled = filledOptions(question);
  if (filled.length < limits.MIN_OPTIONS)
    found.push({ field: 'options', key: 'options_few', params: { least: limits.MIN_OPTIONS } });
  if (filled.length > limits.MAX_OPTIONS)
    found.push({ field: 'options', key: 'options_many', params: { most: limits.MAX_OPTIONS } });
  const seen = new Map<string, number>();
  question.options.forEach((option, at) => {
    const text = labelOf(option);
    const field = `option.${option.id}`;
    if (option.media && !option.media.alt.trim()) found.push({ field, key: 'option_alt' });
    const first = seen.get(text);
    if (text && first !== undefined)
      found.push({ field, key: 'option_twice', params: { first: first + 1 } });
    else if (lengthOf(text) > LIMITS.option) found.push(long(field, LIMITS.option));
    if (text && first === undefined) seen.set(text, at);
  });
  return found;
}

function solutionProblems(question: DraftQuestion): Found[] {
  switch (question.type) {
    case 'single':
    case 'multiple': {
      const blank = question.options.find(
        (option) => option.correct && !option.media && !option.text.trim(),
      );
      if (blank) return [{ field: `option.${blank.id}`, key: 'correct_blank' }];
      const some = question.options.some((option) => option.correct);
      return some ? [] : [{ field: 'correct', key: 'correct_missing' }];
    }
    case 'boolean':
      return question.truth === null ? [{ field: 'correct', key: 'truth_missing' }] : [];
    case 'number':
      return numberProblems(question);
    case 'text':
      return acceptedProblems(question);
    default:
      return [];
  }
}

function numberProblems({ value, tolerance }: DraftQuestion): Found[] {
  const found: Found[] = [];
  if (valueOfStored(value) === null)
    found.push({ field: 'value', key: value.trim() ? 'number_shape' : 'value_missing' });
  const allowed = tolerance.trim() ? valueOfStored(tolerance) : 0;
  if (allowed === null || allowed < 0) found.push({ field: 'tolerance', key: 'tolerance_shape' });
  return found;
}

function acceptedProblems({ accepted }: DraftQuestion): Found[] {
  const found: Found[] = [];
  const filled = accepted.filter((text) => text.trim() !== '');
  if (!filled.length) found.push({ field: 'accepted', key: 'accepted_missing' });
  if (filled.length > limits.MAX_ACCEPTED)
    found.push({ field: 'accepted', key: 'accepted_many', params: { most: limits.MAX_ACCEPTED } });
  accepted.forEach((text, at) => {
    if (lengthOf(text) > LIMITS.accepted) found.push(long(`accepted.${at}`, LIMITS.accepted));
    else if (text.trim() && !/[\p{L}\p{N}]/u.test(text))
      found.push({ field: `accepted.${at}`, key: 'accepted_signs' });
  });
  return found;
}

function mediaProblems({ media }: DraftQuestion): Found[] {
  if (!media) return [];
  const found: Found[] = [];
  const url = media.url.trim();
  if (!/^(https?:\/\/|\/media\/)\S+$/.test(url))
    found.push({ field: 'media.url', key: 'url_shape' });
  else if (lengthOf(url) > LIMITS.url) found.push(long('media.url', LIMITS.url));
  if (lengthOf(media.alt) > LIMITS.alt) found.push(long('media.alt', LIMITS.alt));
  return found;
}

function soundProblems({ audio }: DraftQuestion): Found[] {
  return audio && lengthOf(audio.text) > LIMITS.soundText
    ? [long('audio.text', LIMITS.soundText)]
    : [];
}

function whole(field: string, typed: string, { least, most }: { least: number; most: number }) {
  const value = Number(typed);
  const fits = /^\s*\d+\s*$/.test(typed) && value >= least && value <= most;
  return fits ? [] : [{ field, key: `${field}_range`, params: { least, most } }];
}

function long(field: string, most: number): Found {
  return { field, key: 'too_long', params: { most } };
}
