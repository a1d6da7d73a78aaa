/**
 * Pure rules for a bot's answers: right as often as its skill, else a plausible wrong answer. The
 * solution comes from the host's data; bots receive no more than players.
 */
import type { Answer } from '@/live/state';
import type { OpenQuestion } from '@/protocol/messages';
import { acceptedTexts, numberSolution, rightOptions } from '@/quiz/solution';

import type { QuestionResult } from '../types';

/** The part of a player's question that answers depend on. */
export type Asked = Pick<OpenQuestion, 'type' | 'options'>;
/** The question with its solution, as the host sees it. */
export type Key = Pick<QuestionResult, 'options' | 'solution'>;
/** In [0, 1). */
export type Random = () => number;

const TRUE_OR_FALSE = 2;
const MOST_CHARS = 100;

/** The answer; null if there is nothing to answer or the solution is unknown. */
export function answerFor(
  asked: Asked,
  key: Key | undefined,
  skill: number,
  random: Random,
): Answer | null {
  const knows = random() < skill;
  const count = asked.type === 'boolean' ? TRUE_OR_FALSE : (asked.options?.length ?? 0);
  switch (asked.type) {
    case 'slide':
      return null;
    case 'poll':
      return pick(count, random);
    case 'single':
    case 'boolean':
      return single(count, rightOptions(key?.solution)?.[0], knows, random);
    case 'multiple':
      return several(count, rightOptions(key?.solution), knows, random);
    case 'order':
      return ordered(asked, key, knows, random);
    case 'number':
      return number(key, knows, random);
    case 'text':
      return text(key, knows, random);
  }
}

function pick(count: number, random: Random): number {
  return Math.floor(random() * count);
}

function single(
  count: number,
  right: number | undefined,
  knows: boolean,
  random: Random,
): number | null {
  if (count === 0) return null;
  if (right === undefined) return pick(count, random);
  if (knows || count < 2) return right;
  return (right + 1 + pick(count - 1, random)) % count;
}

function several(
  count: number,
  right: number[] | null,
  knows: boolean,
  random: Random,
): number[] | null {
  if (count === 0) return null;
  if (!right?.length) return [pick(count, random)];
  if (knows) return sorted(right);
  // one option too many or too few, as people do
  const at = pick(count, random);
  const picked = right.includes(at) ? right.filter((one) => one !== at) : [...right, at];
  return picked.length ? sorted(picked) : [(at + 1) % count];
}

function sorted(picks: number[]): number[] {
  return [...picks].sort((one, other) => one - other);
}

/** Options are shuffled for players, so positions are found by text. */
function ordered(
  asked: Asked,
  key: Key | undefined,
  knows: boolean,
  random: Random,
): number[] | null {
  const shown = asked.options ?? [];
  if (shown.length < 2) return null;
  const solution = rightOptions(key?.solution)?.map((at) =>
    shown.indexOf(key?.options?.[at] ?? ''),
  );
  const right =
    solution?.length === shown.length && !solution.includes(-1)
      ? solution
      : shown.map((_, at) => at);
  if (knows) return right;
  const at = pick(right.length - 1, random);
  const [one, other] = [right[at] ?? 0, right[at + 1] ?? 0];
  return right.with(at, other).with(at + 1, one);
}

function number(key: Key | undefined, knows: boolean, random: Random): number {
  const solution = numberSolution(key?.solution);
  if (!solution) return pick(100, random);
  if (knows) return solution.value;
  // outside the tolerance, by up to the tolerance again or a fifth of the number
  const least = Math.max(1, solution.tolerance);
  const away = least + 1 + Math.floor(random() * Math.max(least, Math.abs(solution.value) / 5));
  const missed = solution.value + (random() < 0.5 ? away : -away);
  return Number(missed.toFixed(6)); // avoids 5.300000000000001
}

function text(key: Key | undefined, knows: boolean, random: Random): string {
  const [right = '?'] = acceptedTexts(key?.solution);
  return knows ? right : misspelt(right, random);
}

/** The text with a letter left out, or doubled if it has only one. */
function misspelt(right: string, random: Random): string {
  const letters = Array.from(right);
  if (letters.length < 3) return `${right}${right}x`.slice(0, MOST_CHARS);
  return letters.toSpliced(1 + pick(letters.length - 2, random), 1).join('');
}

/** Delay of a bot's answer after opening, in ms: never instant, and well within the limit. */
export function delayFor(limit_ms: number, speed: number, random: Random): number {
  const most = Math.min(limit_ms * 0.7, LONGEST_MS);
  const share = 0.25 + 0.5 * (1 - speed) + 0.25 * random();
  return Math.max(Math.min(SHORTEST_MS, most), most * share);
}

const SHORTEST_MS = 900;
/** Limits how long a host waits for bots. */
const LONGEST_MS = 9_000;
