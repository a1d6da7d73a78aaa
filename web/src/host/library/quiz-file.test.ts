import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { describe, expect, it } from 'vitest';

import { toQuiz } from '../editor/draft';
import { problemsOf } from '../editor/validate';
import { fileName } from '../parts/save-file';
import type { Quiz } from '../types';

import { draftIn, QuizFileError, readQuizFile } from './quiz-file';

const SAMPLE = resolve(
  import.meta.dirname,
  '../../../../deploy/local/samples/1-try-every-type.json',
);
const file = (content: string) => new File([content], 'quiz.json', { type: 'application/json' });

describe('a quiz file', () => {
  it('is read completely', async () => {
    const text = readFileSync(SAMPLE, 'utf8');
    const draft = await readQuizFile(file(text));
    expect(problemsOf(draft)).toEqual([]);
    const quiz = JSON.parse(text) as Quiz;
    toQuiz(draft).questions.forEach((question, at) =>
      expect(question).toMatchObject(quiz.questions[at] ?? {}),
    );
  });

  it('that is incomplete is opened in the editor', () => {
    const draft = draftIn({
      title: 'T',
      questions: [
        { type: 'single', text: 'Q', options: ['a', 'b'] },
        { type: 'boolean', text: 'S' },
        { type: 'number', text: 'N', correct: {} },
        { type: 'text', text: 'X' },
        { type: 'unheard of', text: 'U' },
        'nonsense',
      ],
    });
    expect(draft.questions).toHaveLength(5);
    expect(problemsOf(draft).map((problem) => [problem.question, problem.key])).toEqual([
      [0, 'correct_missing'],
      [1, 'truth_missing'],
      [2, 'value_missing'],
      [3, 'accepted_missing'],
      [4, 'options_few'],
      [4, 'correct_missing'],
    ]);
  });

  it('that is invalid is rejected with a reason', async () => {
    await expect(readQuizFile(file('{'))).rejects.toEqual(new QuizFileError('no_json'));
    await expect(readQuizFile(file('[]'))).rejects.toEqual(new QuizFileError('no_quiz'));
    await expect(readQuizFile(file(' '.repeat(5_000_001)))).rejects.toEqual(
      new QuizFileError('too_large'),
    );
  });

  it('has a name valid on every file system', () => {
    expect(fileName('Capitals: a/b? "c" <d>', 'json')).toBe('Capitals a b c d.json');
    expect(fileName('..', 'csv')).toBe('quiz.csv');
    expect(fileName('Größen 日本 🦊', 'xlsx')).toBe('Größen 日本 🦊.xlsx');
    expect(fileName('x'.repeat(500), 'json')).toHaveLength(85);
  });
});
