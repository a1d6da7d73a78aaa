import { describe, expect, it } from 'vitest';

import { askedQuestions, grade, hardest, summaryOf } from './summary';

const question = (change: Record<string, unknown> = {}) => ({
  type: 'single' as const,
  answered: 0,
  correct: 0,
  share_correct: null as number | null,
  mean_points: 0,
  mean_elapsed_ms: null as number | null,
  ...change,
});
const run = { players: 4, question: 3, created_at: 1_000, finished_at: 61_000 };
const played = [
  question({
    answered: 4,
    correct: 3,
    share_correct: 0.75,
    mean_points: 600,
    mean_elapsed_ms: 2_000,
  }),
  question({
    answered: 2,
    correct: 0,
    share_correct: 0,
    mean_points: 100,
    mean_elapsed_ms: 8_000,
  }),
  question({ type: 'poll', answered: 4, mean_elapsed_ms: 1_000 }),
  question({ type: 'slide' }),
  question({ answered: 0 }),
];

describe('the summary of a run', () => {
  it('counts the questions asked, and each answer once', () => {
    expect(summaryOf(played, run)).toEqual({
      asked: 4,
      share_correct: 3 / 6,
      participation: 10 / 12,
      mean_elapsed_ms: (4 * 2_000 + 2 * 8_000 + 4 * 1_000) / 10,
      mean_score: (4 * 600 + 2 * 100) / 4,
      duration_ms: 60_000,
    });
  });

  it('has no figures without data', () => {
    const nobody = { players: 0, question: null, created_at: 0, finished_at: null };
    expect(summaryOf(played, nobody)).toEqual({
      asked: 0,
      share_correct: null,
      participation: null,
      mean_elapsed_ms: null,
      mean_score: null,
      duration_ms: null,
    });
  });

  it('omits questions that were never reached', () => {
    expect(askedQuestions(['a', 'b', 'c'], { question: 1 })).toEqual(['a', 'b']);
    expect(askedQuestions(['a', 'b', 'c'], { question: null })).toEqual([]);
  });
});

describe('the hardest questions', () => {
  it('have the lowest share of right answers, slower ones first', () => {
    const hard = question({ share_correct: 0.1, mean_elapsed_ms: 1_000 });
    const slow = question({ share_correct: 0.1, mean_elapsed_ms: 9_000 });
    const easy = question({ share_correct: 1 });
    const fair = question({ share_correct: 0.5 });
    expect(hardest([easy, fair, hard, slow, question()], 2)).toEqual([slow, hard]);
    expect(hardest([easy], 3)).toEqual([]);
  });
});

describe('a share', () => {
  it('has a colour grade', () => {
    expect([1, 0.7, 0.69, 0.4, 0.39, 0].map(grade)).toEqual([
      'good',
      'good',
      'fair',
      'fair',
      'poor',
      'poor',
    ]);
  });
});
