"""Scoring one shard of a run's players in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from quiz.answers import Answer
from quiz.scoring import Score, streak_bonus

LANES = 16
"""A player is in lane number mod 16, and a shard takes whole lanes. Scorers lock lanes, so that
two at a time exclude each other even when they divide the run into different numbers of shards."""
SCORES_A_TURN = 500
"""How many answers are scored before the event loop gets a turn."""


@dataclass(frozen=True, slots=True)
class ScoreInput:
    """An answer to score."""

    player_id: str
    question: int
    answer: Answer
    elapsed_ms: int


ScoreAnswer = Callable[[ScoreInput], Score]


@dataclass(frozen=True, slots=True)
class ShardJob:
    """What to score, and how."""

    run_id: str
    question: int
    shard: int
    shards: int
    score: ScoreAnswer
    streak_bonus: bool
    counts_streak: bool


# PostgreSQL believes that a run it has not seen yet has one row of each kind, and joins with loops
# over loops: minutes for 10,000 players. Without them it hashes, and every statement of this
# transaction and of a finish names the run, so that only the run's rows are hashed.
NO_LOOPS = text("SELECT set_config('enable_nestloop', 'off', true)")
# The key of a lane lock has two halves: the run's hash and the lane. Two runs with one hash only
# wait for each other.
_LOCK_LANES = text("""
    SELECT pg_advisory_xact_lock(hashtext(:run_id), lane)
    FROM unnest(CAST(:lanes AS integer[])) AS lane
""")
_UNSCORED = text("""
    SELECT a.player_id, a.question, a.answer, a.elapsed_ms, p.streak,
           (SELECT scored_through FROM runs WHERE id = :run_id) AS scored_through
    FROM answers a JOIN players p ON p.id = a.player_id
    WHERE a.run_id = :run_id AND p.run_id = :run_id AND a.points IS NULL AND a.question <= :question
      AND mod(mod(p.number, :lanes), :shards) = :shard
""")
# `points IS NULL` again, and totals only from rows that this statement changed: the promise does
# not hang on the locks.
_SCORE = text("""
    WITH given AS (
        SELECT * FROM unnest(
            CAST(:player_ids AS uuid[]), CAST(:questions AS smallint[]),
            CAST(:points AS integer[]), CAST(:bonuses AS integer[]),
            CAST(:corrects AS boolean[]), CAST(:streaks AS integer[])
        ) AS g (player_id, question, points, bonus, correct, streak)
    ), scored AS (
        UPDATE answers a
        SET points = g.points, bonus = g.bonus, correct = g.correct,
            scored_in = CAST(:question AS smallint)
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
_END_STREAKS = text("""
    UPDATE players p SET streak = 0
    WHERE p.run_id = :run_id AND p.streak <> 0 AND mod(mod(p.number, :lanes), :shards) = :shard
      AND (SELECT scored_through FROM runs WHERE id = :run_id) = :question
      AND NOT EXISTS (
          SELECT FROM answers a
          WHERE a.run_id = :run_id AND a.question = :question AND a.player_id = p.id AND a.correct
      )
""")


async def score_shard(connection: AsyncConnection, job: ShardJob) -> tuple[int, int]:
    """Score the shard; how many answers that were, and how many of them late ones.

    `connection` is in a transaction of its own.
    """
    await connection.execute(NO_LOOPS)
    lanes = [lane for lane in range(LANES) if lane % job.shards == job.shard]
    await connection.execute(_LOCK_LANES, {"run_id": job.run_id, "lanes": lanes})
    values = {
        "run_id": job.run_id,
        "question": job.question,
        "lanes": LANES,
        "shards": job.shards,
        "shard": job.shard,
    }
    rows = (await connection.execute(_UNSCORED, values)).all()
    scored = late = 0
    if rows:
        changes = await _changes(rows, job)
        counts = await connection.execute(
            _SCORE, changes | {"run_id": job.run_id, "question": job.question}
        )
        scored, late = counts.one()
    if job.counts_streak:
        await connection.execute(_END_STREAKS, values)
    return scored, late


async def _changes(rows: Sequence[Row[Any]], job: ShardJob) -> dict[str, list[Any]]:
    changes: dict[str, list[Any]] = {
        name: [] for name in ("player_ids", "questions", "points", "bonuses", "corrects", "streaks")
    }
    for index, row in enumerate(rows):
        if index % SCORES_A_TURN == SCORES_A_TURN - 1:
            await asyncio.sleep(0)
        earned = job.score(ScoreInput(row.player_id, row.question, row.answer, row.elapsed_ms))
        streak = _streak(row, earned, job)
        bonus = streak_bonus(streak) if streak and job.streak_bonus else 0
        changes["player_ids"].append(row.player_id)
        changes["questions"].append(row.question)
        changes["points"].append(earned.points + bonus)
        changes["bonuses"].append(bonus)
        changes["corrects"].append(earned.correct)
        changes["streaks"].append(streak)
    return changes


def _streak(row: Row[Any], earned: Score, job: ShardJob) -> int | None:
    """The player's streak after this answer; None where it has no say in it."""
    counts = job.counts_streak and row.scored_through == job.question == row.question
    if not counts:
        return None
    return row.streak + 1 if earned.correct else 0
