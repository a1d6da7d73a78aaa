"""Scoring one shard of a run's players in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import text

from db.arrays import array
from db.direct import Command, Statement, Transaction
from db.late_answers import Rescored, correction, ended_early, rescore, stored
from quiz.answers import Answer
from quiz.extra_time import NORMAL
from quiz.scoring import Score
from quiz.streaks import StreakRules, streak_after

LANES = 16
"""A player's lane is their number mod 16, and a shard consists of whole lanes. Scorers lock lanes,
so that concurrent ones exclude each other even if they use different numbers of shards."""
SCORES_PER_TURN = 500
"""How many answers are scored before yielding to the event loop."""


class ScoreInput(NamedTuple):
    """An answer to score. `extra_time` is the player's factor when it was given, `streak` the
    player's streak before it was scored.
    """

    player_id: str
    question: int
    answer: Answer
    elapsed_ms: int
    extra_time: int = NORMAL
    streak: int = 0


ScoreAnswer = Callable[[ScoreInput], Score]


@dataclass(frozen=True, slots=True)
class ShardJob:
    """A shard to score, and the rules.

    `question` is the latest that was asked. Answers to questions up to `scored_in` are scored and
    marked with it; it is `question`, or one past the last question when the run ends.
    """

    run_id: str
    question: int
    scored_in: int
    shard: int
    shards: int
    score: ScoreAnswer
    streaks: StreakRules

    @property
    def counts(self) -> bool:
        """Whether `question` counts for streaks."""
        return self.question >= 0 and self.streaks.counts(self.question)

    @property
    def previous(self) -> int | None:
        """The question before `question` that counts for streaks, if `question` does."""
        return self.streaks.counted_before(self.question) if self.counts else None


# For a run without statistics PostgreSQL expects one row of each kind, and joins with nested loops:
# minutes for 10,000 players. Without nested loops it uses hash joins; every statement of this
# transaction and of a finish names the run, so that only the run's rows are hashed.
NO_LOOPS = text("SELECT set_config('enable_nestloop', 'off', true)")
# With plans that start from indexes whatever the statistics, those of the first execution can serve
# all later ones: planning took longer than executing.
_PLANS = Statement("""
    SELECT set_config('enable_nestloop', 'off', true), set_config('enable_seqscan', 'off', true),
           set_config('plan_cache_mode', 'force_generic_plan', true)
""")
# The key of a lane's lock consists of the run's hash and the lane. Runs with the same hash merely
# wait for each other.
SHARE_LANES = Statement(f"""
    SELECT pg_advisory_xact_lock_shared(hashtext(:run_id), lane)
    FROM generate_series(0, {LANES - 1}) AS lane
""")  # noqa: S608  (a constant only)
_LOCK_LANES = Statement("""
    SELECT pg_advisory_xact_lock(hashtext(:run_id), lane)
    FROM unnest(CAST(:lanes AS integer[])) AS lane
""")
# Before anything is scored, so that a stale attempt for an earlier question leaves the run alone.
# With several shards before they start: they would wait for each other's lock of the row.
BEGIN = Statement("""
    UPDATE runs SET scored_through = :scored_in WHERE id = :run_id AND scored_through < :scored_in
""")
_SUPERSEDED = Statement("""
    SELECT scored_through > :scored_in OR published_through >= :scored_in
    FROM runs WHERE id = :run_id
""")
_UNSCORED = Statement("""
    SELECT a.player_id, a.question, a.answer, a.elapsed_ms, coalesce(a.extra_time, 100), p.streak
    FROM answers a JOIN players p ON p.id = a.player_id
    WHERE a.run_id = :run_id AND p.run_id = :run_id AND a.points IS NULL
      AND a.question <= :scored_in AND mod(mod(p.number, :lanes), :shards) = :shard
""")
_ANSWERED = Statement("""
    SELECT count(*) FROM answers a JOIN players p ON p.id = a.player_id
    WHERE a.run_id = :run_id AND p.run_id = :run_id AND p.kicked_at IS NULL
      AND a.question = :question AND mod(mod(p.number, :lanes), :shards) = :shard
""")
# `points IS NULL` again, and totals only from rows changed by this statement: exactly-once scoring
# must not depend on the locks.
_SCORE = Statement("""
    WITH given AS (
        SELECT * FROM unnest(
            CAST(:player_ids AS uuid[]), CAST(:questions AS smallint[]),
            CAST(:points AS integer[]), CAST(:bonuses AS integer[]),
            CAST(:corrects AS boolean[]), CAST(:streaks AS integer[])
        ) AS g (player_id, question, points, bonus, correct, streak)
    ), scored AS (
        UPDATE answers a
        SET points = g.points, bonus = g.bonus, correct = g.correct,
            scored_in = CAST(:scored_in AS smallint)
        FROM given g
        WHERE a.run_id = :run_id AND a.question = g.question AND a.player_id = g.player_id
          AND a.points IS NULL
        RETURNING a.player_id, a.question, a.points, g.streak
    ), gained AS (
        SELECT player_id, sum(points) AS points, max(streak) AS streak
        FROM scored GROUP BY player_id
    ), credited AS (
        UPDATE players p
        SET score = p.score + g.points, streak = coalesce(g.streak, p.streak)
        FROM gained g
        WHERE p.id = g.player_id AND p.run_id = :run_id
          AND (g.points <> 0 OR p.streak <> coalesce(g.streak, p.streak))
    )
    SELECT count(*), count(*) FILTER (WHERE question <> :question) FROM scored
""")
# `quiz.streaks.streak_after` for all who missed the question, or were wrong.
_END_STREAKS = Statement("""
    UPDATE players p SET streak = 0
    WHERE p.run_id = :run_id AND p.streak <> 0 AND mod(mod(p.number, :lanes), :shards) = :shard
      AND NOT EXISTS (
          SELECT FROM answers a
          WHERE a.run_id = :run_id AND a.question >= :question AND a.player_id = p.id AND a.correct
      )
""")


class ShardCounts(NamedTuple):
    """How many answers were scored, how many of those late, and how many the question has."""

    scored: int = 0
    late: int = 0
    answered: int = 0


async def score_shard(
    transaction: Transaction, job: ShardJob, *, commit: bool = False
) -> ShardCounts:
    """Score the shard.

    With `commit`, the last statement commits the transaction.
    """
    values = {
        "run_id": job.run_id,
        "question": job.question,
        "scored_in": job.scored_in,
        "lanes": LANES,
        "shards": job.shards,
        "shard": job.shard,
    }
    lanes = [lane for lane in range(LANES) if lane % job.shards == job.shard]
    *_, superseded, answered, unscored = await transaction.run_together(
        [
            (_PLANS, {}),
            (_LOCK_LANES, {"run_id": job.run_id, "lanes": lanes}),
            *([(BEGIN, values)] if job.shards == 1 else []),
            (_SUPERSEDED, values),
            (_ANSWERED, values),
            (_UNSCORED, values),
        ]
    )
    # A stale attempt leaves everything to the next scoring: streaks may have advanced to the next
    # question in some lanes, and nobody would publish what it scores.
    counts = ShardCounts(answered=answered.rows[0][0])
    if superseded.rows != [(False,)]:
        return counts
    rows = [ScoreInput(*row) for row in unscored.rows]
    commands = await _scores(transaction, rows, job) if rows else []
    if job.counts:
        commands.append((_END_STREAKS, values))
    results = await transaction.run_together(commands, commit=commit)
    if not rows:
        return counts
    scored, late = results[0].rows[0]
    return counts._replace(scored=scored, late=late)


async def _scores(
    transaction: Transaction, rows: Sequence[ScoreInput], job: ShardJob
) -> list[Command]:
    """Score the answers; return the statements that store the scores, `_SCORE` first."""
    earned = await _earned(rows, job)
    late = {row.player_id for row in rows if row.question != job.question}
    restarted = [
        row.player_id
        for row, score in zip(rows, earned, strict=True)
        if score.correct and row.streak == 0
    ]
    if restarted and (previous := job.previous) is not None:
        late |= await ended_early(transaction, job.run_id, restarted, previous=previous)
    rescored = Rescored()
    if late:
        past = await stored(transaction, job.run_id, late, through=job.scored_in)
        new = [
            (row.player_id, row.question, score.correct)
            for row, score in zip(rows, earned, strict=True)
            if row.player_id in late
        ]
        rescored = rescore(past, new, job.question, job.streaks)
    changes: dict[str, list[Any]] = {
        name: [] for name in ("player_ids", "questions", "points", "bonuses", "corrects", "streaks")
    }
    counts = job.counts
    for row, score in zip(rows, earned, strict=True):
        if late and row.player_id in late:
            reached = rescored.reached.get((row.player_id, row.question), 0)
            streak: int | None = rescored.streaks[row.player_id]
        else:
            streak = streak_after(row.streak, correct=score.correct) if counts else None
            reached = streak or 0
        bonus = job.streaks.bonus(reached)
        changes["player_ids"].append(row.player_id)
        changes["questions"].append(row.question)
        changes["points"].append(score.points + bonus)
        changes["bonuses"].append(bonus)
        changes["corrects"].append(score.correct)
        changes["streaks"].append("NULL" if streak is None else streak)
    values = {"run_id": job.run_id, "question": job.question, "scored_in": job.scored_in}
    columns = {name: array(map(str, column)) for name, column in changes.items()}
    commands: list[Command] = [(_SCORE, columns | values)]
    if late and job.streaks.bonuses:
        commands += correction(job.run_id, rescored, scored_in=job.scored_in)
    return commands


async def _earned(rows: Sequence[ScoreInput], job: ShardJob) -> list[Score]:
    earned = []
    for index, row in enumerate(rows):
        if index % SCORES_PER_TURN == SCORES_PER_TURN - 1:
            await asyncio.sleep(0)
        earned.append(job.score(row))
    return earned
