/**
 * Converts a draft's question to the server's format for a question and its reveal, so that
 * previews use the real components. Blanks are filled in, and counts are made up.
 */
import { MIN_OPTIONS } from '@/protocol/limits';
import type { Media, OpenQuestion, RevealFields } from '@/protocol/messages';
import { valueOfStored } from '@/quiz/number';

import {
  filledOptions,
  hasOptions,
  isScored,
  labelOf,
  type DraftOption,
  type DraftQuestion,
} from '../draft';
import { POINTS, TIME_LIMIT_S } from '../validate';

/** Placeholder texts in the host's language. */
export interface StandIns {
  text: string;
  option: (number: number) => string;
  /** A wrong typed answer. */
  other: string;
}

export interface Sample {
  asked: OpenQuestion;
  reveal: RevealFields;
}

export const SAMPLE_PLAYERS = 24;
const RIGHT = [12, 9, 7, 5];
const WRONG = [6, 4, 2];
const OPINIONS = [9, 7, 5, 3];
const BLANK = '…';

/** The question at index `at` of `count`, open and revealed. */
export function sampleOf(
  question: DraftQuestion,
  at: number,
  count: number,
  standIns: StandIns,
): Sample {
  const options = hasOptions(question.type) ? shownOptions(question, standIns) : null;
  const solution = solutionOf(question, options?.length ?? 0);
  const pictures = options?.map(({ media }) => media) ?? [];
  const media = mediaOf(question);
  return {
    asked: {
      question: at,
      question_count: count,
      type: question.type,
      text: question.text.trim() || (media?.alt ? '' : standIns.text),
      options: options?.map(({ text }) => text) ?? null,
      option_media: pictures.some(Boolean) ? pictures : null,
      media,
      audio: question.audio ?? null,
      points: isScored(question.type) ? within(question.points, POINTS, 1000) : 0,
      time_limit_ms: 1000 * within(question.time_limit_s, TIME_LIMIT_S, 20),
      opens_at: 0,
      closes_at: 0,
      paused_ms: 0,
    },
    reveal: {
      question: at,
      solution,
      explanation: question.explanation.trim() || null,
      distribution: countsOf(question, options?.length ?? 0, solution, standIns),
      leaderboard: [],
    },
  };
}

interface ShownOption {
  text: string;
  media: Media | null;
}

function shownOptions(question: DraftQuestion, standIns: StandIns): ShownOption[] {
  const shown = filledOptions(question).map((option, at) => shownOption(option, at, standIns));
  while (shown.length < MIN_OPTIONS)
    shown.push({ text: standIns.option(shown.length + 1), media: null });
  return question.type === 'order' ? [...shown.slice(1), ...shown.slice(0, 1)] : shown;
}

/** The label of an option with only a picture is its description, even if still blank. */
function shownOption(option: DraftOption, at: number, standIns: StandIns): ShownOption {
  const text = labelOf(option) || standIns.option(at + 1);
  const { media } = option;
  return { text, media: media ? { url: media.url, alt: media.alt.trim() || text } : null };
}

function mediaOf({ media }: DraftQuestion): Media | null {
  const url = media?.url.trim() ?? '';
  if (!media || !/^(https?:\/\/|\/media\/)\S+$/.test(url)) return null;
  return { url, alt: media.alt.trim() };
}

/** `null` without a solution. */
function solutionOf(question: DraftQuestion, options: number): RevealFields['solution'] {
  switch (question.type) {
    case 'single':
    case 'multiple': {
      const right = filledOptions(question).flatMap(({ correct }, at) => (correct ? [at] : []));
      return right.length ? right : null;
    }
    case 'boolean':
      return question.truth === null ? null : [question.truth ? 0 : 1];
    case 'order':
      // shown with the first one last
      return Array.from({ length: options }, (_, at) => (at + options - 1) % options);
    case 'number': {
      const value = valueOfStored(question.value);
      if (value === null) return { accepted: [BLANK] };
      return { value, tolerance: Math.max(0, valueOfStored(question.tolerance) ?? 0) };
    }
    case 'text':
      return { accepted: acceptedIn(question) };
    case 'poll':
    case 'slide':
      return null;
  }
}

function acceptedIn({ accepted }: DraftQuestion): string[] {
  const filled = accepted.map((text) => text.trim()).filter((text) => text !== '');
  return filled.length ? filled : [BLANK];
}

function countsOf(
  question: DraftQuestion,
  options: number,
  solution: unknown,
  { other }: StandIns,
): unknown[] {
  switch (question.type) {
    case 'slide':
      return [];
    case 'number': {
      const value = valueOfStored(question.value);
      if (value === null) return [];
      const off = 2 * (valueOfStored(question.tolerance) ?? 0) || 1;
      return [typed(value, RIGHT[0], true), typed(value + off, WRONG[0], false)];
    }
    case 'text': {
      const right = acceptedIn(question).slice(0, RIGHT.length);
      return [
        ...right.map((text, at) => typed(text, RIGHT[at], true)),
        typed(other, WRONG[1], false),
      ];
    }
    case 'order':
      return [typed(solution, RIGHT[0], true)];
    default:
      return picks(question.type === 'boolean' ? 2 : options, solution);
  }
}

function typed(answer: unknown, count: number | undefined, correct: boolean) {
  return { answer, count, correct };
}

function picks(options: number, solution: unknown): number[] {
  const right = new Set(Array.isArray(solution) ? solution : []);
  const [hits, misses] = [[...RIGHT], right.size ? [...WRONG] : [...OPINIONS]];
  return Array.from({ length: options }, (_, at) => (right.has(at) ? hits : misses).shift() ?? 1);
}

function within(typed: string, { least, most }: { least: number; most: number }, usual: number) {
  const value = typed.trim() === '' ? NaN : Number(typed);
  return value >= least && value <= most ? value : usual;
}
