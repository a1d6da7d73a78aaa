/** Reads and writes quiz files in the native JSON format. */
import { MAX_QUESTIONS } from '@/protocol/limits';
import { fromQuiz, newDraft, newQuestion, TYPES, type Draft } from '../editor/draft';
import { LIMITS } from '../editor/validate';
import { loadQuiz } from '../editor/store';
import { saveArchive } from '../imports/archive';
import { limited } from '../parts/limit';
import { fileName, saveFile } from '../parts/save-file';
import type { Media, Quiz, QuestionType } from '../types';

const MOST_BYTES = 5_000_000;

/** Why a file cannot be read; the suffix of the message key. */
export type FileFault = 'too_large' | 'no_json' | 'no_quiz';

export class QuizFileError extends Error {
  constructor(readonly fault: FileFault) {
    super(`The file cannot be read as a quiz: ${fault}.`);
  }
}

/** Download a quiz, including uploaded pictures. */
export async function saveQuizFile(id: string): Promise<void> {
  const { title, language, questions } = await loadQuiz(id);
  if (JSON.stringify(questions).includes('"/media/')) {
    await saveArchive(id, title);
    return;
  }
  const text = JSON.stringify({ title, language, questions }, null, 2);
  saveFile(new Blob([text], { type: 'application/json' }), fileName(title, 'json'));
}

/** Read a draft from a file. The editor shows any problems. */
export async function readQuizFile(file: File): Promise<Draft> {
  if (file.size > MOST_BYTES) throw new QuizFileError('too_large');
  let document: unknown;
  try {
    document = JSON.parse(await file.text());
  } catch {
    throw new QuizFileError('no_json');
  }
  return draftIn(document);
}

/** Read all valid parts and leave the rest blank. */
export function draftIn(document: unknown): Draft {
  if (!isRecord(document) || !Array.isArray(document.questions)) throw new QuizFileError('no_quiz');
  const start = newDraft('en');
  return {
    title: textIn(document.title, LIMITS.title),
    language: typeof document.language === 'string' ? document.language : start.language,
    questions: document.questions.filter(isRecord).slice(0, MAX_QUESTIONS).map(questionIn),
  };
}

function questionIn(found: Record<string, unknown>): Draft['questions'][number] {
  const type = TYPES.find((known) => known === found.type) ?? 'single';
  const whole = {
    type,
    text: textIn(found.text, LIMITS.text),
    options: textsIn(found.options, LIMITS.option),
    option_media: Array.isArray(found.option_media) ? found.option_media.map(pictureIn) : [],
    correct: solutionIn(found.correct, type),
    explanation: textIn(found.explanation, LIMITS.explanation),
    media: pictureIn(found.media),
    ...numberIn('time_limit_s', found),
    ...numberIn('points', found),
  };
  const [draft] = fromQuiz({
    title: '',
    questions: [whole as Quiz['questions'][number]],
  }).questions;
  return draft ?? newQuestion(type);
}

function pictureIn(found: unknown): Required<Media> | null {
  if (!isRecord(found) || typeof found.url !== 'string') return null;
  return { url: textIn(found.url, LIMITS.url), alt: textIn(found.alt, LIMITS.alt) };
}

function solutionIn(found: unknown, type: QuestionType): unknown {
  const parts = isRecord(found) ? found : {};
  if (type === 'number') {
    const tolerance = typeof parts.tolerance === 'number' ? parts.tolerance : 0;
    return { value: typeof parts.value === 'number' ? parts.value : '', tolerance };
  }
  if (type === 'text') {
    const accepted = textsIn(parts.accepted, LIMITS.accepted);
    return { accepted: accepted.length ? accepted : [''] };
  }
  return Array.isArray(found) ? found.filter((index) => Number.isInteger(index)) : [];
}

function numberIn(name: string, found: Record<string, unknown>): Record<string, number> {
  const value = found[name];
  return typeof value === 'number' ? { [name]: value } : {};
}

function textIn(found: unknown, limit: number): string {
  return typeof found === 'string' ? limited(found, limit).text : '';
}

function textsIn(found: unknown, limit: number): string[] {
  return Array.isArray(found) ? found.map((text) => textIn(text, limit)) : [];
}

function isRecord(found: unknown): found is Record<string, unknown> {
  return typeof found === 'object' && found !== null && !Array.isArray(found);
}
