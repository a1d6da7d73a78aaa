import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { Quiz, QuizQuestion } from '../types';

import { fromQuiz, newDraft, newOption, newQuestion, toQuiz, TYPES, type Draft } from './draft';
import { typeChange, withChange } from './edits';
import { problemsOf } from './validate';

const SAMPLES = resolve(import.meta.dirname, '../../../../deploy/local/samples');
const sample = (name: string) =>
  JSON.parse(readFileSync(resolve(SAMPLES, name), 'utf8')) as Quiz & { language: string };
const everyType = sample('1-try-every-type.json');

const only = (draft: Draft): QuizQuestion => {
  const [question] = toQuiz(draft).questions;
  if (!question) throw new Error('There is no question.');
  return question;
};
const withQuestion = (change: Partial<Draft['questions'][number]>): Draft => ({
  title: 'T',
  language: 'en',
  questions: [{ ...newQuestion('single'), text: 'Q', ...change }],
});

describe('a draft', () => {
  it('of a stored quiz converts back to the same quiz, for all types', () => {
    expect(new Set(everyType.questions.map((question) => question.type))).toEqual(new Set(TYPES));
    for (const name of [
      '1-try-every-type.json',
      '2-capitals-and-countries.json',
      '3-science.json',
    ]) {
      const quiz = sample(name);
      const again = toQuiz(fromQuiz(quiz));
      const full = quiz.questions.map((question) => ({ time_limit_s: 20, ...question }));
      expect(again.questions).toHaveLength(full.length);
      again.questions.forEach((question, at) => expect(question).toMatchObject(full[at] ?? {}));
      expect(problemsOf(fromQuiz(quiz))).toEqual([]);
    }
  });

  it('keeps a question’s sound, and reads drafts of earlier releases', () => {
    const audio = { url: `/media/${'0a'.repeat(32)}`, text: 'A gull', duration_ms: 900 };
    const stored = toQuiz(withQuestion({ audio: { ...audio, text: ' A gull ' } }));
    expect(stored.questions[0]?.audio).toEqual(audio);
    expect(fromQuiz(stored).questions[0]?.audio).toEqual(audio);
    const { audio: _, ...old } = newQuestion('single');
    expect(
      toQuiz({ title: 'T', language: 'en', questions: [old] }).questions[0],
    ).not.toHaveProperty('audio');
  });

  it('omits blank options, and adjusts the indices of the right ones', () => {
    const options = [newOption(' '), newOption('Rome'), newOption(''), newOption(' Paris ', true)];
    expect(only(withQuestion({ options }))).toMatchObject({
      options: ['Rome', 'Paris'],
      correct: [1],
    });
  });

  it('keeps what was written for other types when the type changes', () => {
    const written = {
      options: [newOption('Rome', true), newOption('Paris', true), newOption('Oslo')],
      value: '7,5',
      accepted: ['seven'],
      truth: false,
    };
    let draft = withQuestion({ ...written, type: 'multiple' });
    for (const type of ['number', 'text', 'boolean', 'poll', 'multiple'] as const) {
      const [question] = draft.questions;
      if (question) draft = withChange(draft, question.id, typeChange(question, type));
    }
    expect(only(draft)).toMatchObject({ options: ['Rome', 'Paris', 'Oslo'], correct: [0, 1] });
  });

  it('parses numbers as people type them', () => {
    const question = only(withQuestion({ type: 'number', value: ' -3,5 ', tolerance: '0.25' }));
    expect(question).toMatchObject({ correct: { value: -3.5, tolerance: 0.25 } });
  });

  it('has no points for unscored types', () => {
    expect(only(withQuestion({ type: 'slide', points: 'many' }))).not.toHaveProperty('points');
    expect(only(withQuestion({ type: 'poll' }))).not.toHaveProperty('points');
  });

  it('starts with one blank question', () => {
    const draft = newDraft('fr');
    expect(draft).toMatchObject({ title: '', language: 'fr', questions: [{ type: 'single' }] });
    expect(problemsOf(draft).map((problem) => problem.key)).toContain('title_missing');
  });
});
