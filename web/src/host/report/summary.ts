/** Summary figures of a run. */
import type { QuestionResult, RunView } from '../types';

export interface Summary {
  /** Number of questions asked, including slides. */
  asked: number;
  /** Fraction of scored answers that were right; `null` without any. */
  share_correct: number | null;
  /** Fraction of possible answers that were given; `null` without any. */
  participation: number | null;
  /** Mean over all answers; `null` without any. */
  mean_elapsed_ms: number | null;
  /** Mean points per player who joined; `null` without players. */
  mean_score: number | null;
  /** From opening the lobby to the end; `null` until then. */
  duration_ms: number | null;
}

type Asked = Pick<
  QuestionResult,
  'type' | 'answered' | 'correct' | 'share_correct' | 'mean_points' | 'mean_elapsed_ms'
>;
type Run = Pick<RunView, 'players' | 'question' | 'created_at' | 'finished_at'>;

/** The questions reached before the run ended. */
export function askedQuestions<Q>(questions: readonly Q[], run: Pick<RunView, 'question'>): Q[] {
  return questions.slice(0, run.question === null ? 0 : run.question + 1);
}

export function summaryOf(all: readonly Asked[], run: Run): Summary {
  const asked = askedQuestions(all, run);
  const scored = asked.filter((question) => question.type !== 'poll' && question.type !== 'slide');
  const answerable = asked.filter((question) => question.type !== 'slide');
  const timed = asked.filter((question) => question.mean_elapsed_ms !== null);
  const points = sum(asked, (question) => question.mean_points * question.answered);
  return {
    asked: asked.length,
    share_correct: share(
      sum(scored, (question) => question.correct),
      sum(scored, (question) => question.answered),
    ),
    participation: share(
      sum(answerable, (question) => question.answered),
      run.players * answerable.length,
    ),
    mean_elapsed_ms: share(
      sum(timed, (question) => (question.mean_elapsed_ms ?? 0) * question.answered),
      sum(timed, (question) => question.answered),
    ),
    mean_score: share(points, run.players),
    duration_ms: run.finished_at === null ? null : Math.max(0, run.finished_at - run.created_at),
  };
}

/**
 * The questions with the lowest share of right answers, slower ones first; omits those that
 * everyone got right.
 */
export function hardest<Q extends Asked>(asked: readonly Q[], most: number): Q[] {
  return asked
    .filter((question) => question.share_correct !== null && question.share_correct < 1)
    .sort(
      (one, other) =>
        (one.share_correct ?? 0) - (other.share_correct ?? 0) ||
        (other.mean_elapsed_ms ?? 0) - (one.mean_elapsed_ms ?? 0),
    )
    .slice(0, most);
}

/** A colour grade for a share. */
export function grade(share_correct: number): 'good' | 'fair' | 'poor' {
  if (share_correct >= 0.7) return 'good';
  return share_correct >= 0.4 ? 'fair' : 'poor';
}

function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
