"""Scoring: every answer earns its points exactly once, even with concurrent scorers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db import finishing
from db.direct import Statement, in_transaction, run, run_together
from db.engine import transaction
from db.score_shard import (
    BEGIN,
    LANES,
    SHARE_LANES,
    ScoreAnswer,
    ScoreInput,
    ShardCounts,
    ShardJob,
    score_shard,
)
from quiz.answers import Answer
from quiz.ranking import Standing, Total
from quiz.scoring import ScoreCounts
from quiz.snapshot import RunSnapshot
from quiz.streaks import ALL_COUNT, StreakRules

__all__ = [
    "OnScored",
    "PlayerResult",
    "ScoreInput",
    "ScoredAnswer",
    "Scoring",
    "Tallied",
]


class PlayerResult(NamedTuple):
    """A player's result. `correct` is None if there is an answer that is not scored yet."""

    correct: bool | None
    points: int
    score: int
    streak: int
    joined_at: int = 0


class Tallied(NamedTuple):
    """An answer, how often it was given, and how often scored as correct."""

    answer: Answer
    given: int
    correct: int


class ScoredAnswer(NamedTuple):
    """A scored answer; `points` includes `bonus`."""

    question: int
    player_id: str
    answer: Answer
    elapsed_ms: int
    received_at: int
    points: int
    bonus: int
    correct: bool


TOTALS = text("""
    SELECT id, nickname, score, number FROM players
    WHERE run_id = :run_id AND kicked_at IS NULL ORDER BY number
""")
_TOTALS = Statement(TOTALS.text)
_TALLIED = Statement("""
    SELECT a.answer, count(*), count(*) FILTER (WHERE a.correct) FROM answers a
    JOIN players p ON p.id = a.player_id AND p.kicked_at IS NULL
    WHERE a.run_id = :run_id AND a.question = :question
    GROUP BY a.answer ORDER BY count(*) DESC, a.answer
""")
# OFFSET 0 prevents the planner from rewriting the subquery: one lookup by primary key per player,
# whatever the statistics (see `NO_LOOPS`).
_RESULTS = Statement("""
    SELECT p.id, CASE WHEN a.player_id IS NULL THEN false ELSE a.correct END,
           coalesce(a.points, 0), p.score, p.streak, p.joined_at
    FROM players p
    LEFT JOIN LATERAL (
        SELECT * FROM answers
        WHERE run_id = :run_id AND question = :question AND player_id = p.id
        OFFSET 0
    ) a ON true
    WHERE p.run_id = :run_id AND p.id = ANY(CAST(:player_ids AS uuid[]))
""")
# Two parts, so that the first reads a range of the primary key and the second the small index of
# late answers, instead of all answers of the run.
_SCORED_IN = Statement("""
    SELECT question, player_id, answer, elapsed_ms, received_at, points, bonus, correct FROM answers
    WHERE run_id = :run_id AND question = :question AND scored_in = :question
    UNION ALL
    SELECT question, player_id, answer, elapsed_ms, received_at, points, bonus, correct FROM answers
    WHERE run_id = :run_id AND scored_in = :question AND scored_in <> question
""")
_PUBLISH = Statement("""
    UPDATE runs SET published_through = :question
    WHERE id = :run_id AND published_through < :question
""")


OnScored = Callable[[int, int, float], None]
"""Called after each scoring with the number of answers, of late ones among them, and seconds."""


class Scoring:
    """The database operations of scoring."""

    def __init__(self, engine: AsyncEngine, *, on_scored: OnScored | None = None) -> None:
        self._engine = engine
        self._on_scored = on_scored

    async def score_run(
        self,
        run_id: str,
        question: int,
        score: ScoreAnswer,
        *,
        scored_in: int | None = None,
        shards: int = 1,
        streaks: StreakRules = ALL_COUNT,
    ) -> ScoreCounts:
        """Score all answers that have no points yet, and add them to the totals.

        `question` is the latest that was asked; answers to later ones are left unscored. When the
        run ends, `scored_in` is one past its last question, and every answer is scored. Players are
        split by number among `shards` (1 to 16) parallel transactions. Late answers to earlier
        questions get the points that they would have got in time, and bonuses earned since then are
        corrected. Idempotent, and safe to run concurrently.
        """
        began = time.perf_counter()
        through = question if scored_in is None else scored_in
        shards = max(1, min(shards, LANES))
        if shards > 1:
            await run(self._engine, BEGIN, {"run_id": run_id, "scored_in": through})
        jobs = [
            ShardJob(run_id, question, through, shard, shards, score, streaks)
            for shard in range(shards)
        ]
        counts = await asyncio.gather(*(self._score(job) for job in jobs))
        scored, late, answered = map(sum, zip(*counts, strict=True))
        if self._on_scored is not None:
            self._on_scored(scored, late, time.perf_counter() - began)
        return ScoreCounts(answered=answered, scored=scored, late=late)

    async def totals(self, run_id: str) -> list[Total]:
        """Return the totals of all players in the run, in joining order."""
        rows = (await run(self._engine, _TOTALS, {"run_id": run_id})).rows
        return [Total(*row) for row in rows]

    async def outcome(self, run_id: str, question: int) -> tuple[list[Total], list[Tallied]]:
        """Return the totals in joining order, and the distinct answers to a scored question, most
        frequent first. Kicked players are in neither.
        """
        values = {"run_id": run_id, "question": question}
        commands = [(_TOTALS, values), (_TALLIED, values)]
        totals, tallied = await run_together(self._engine, commands)
        return [Total(*row) for row in totals.rows], [Tallied(*row) for row in tallied.rows]

    async def player_results(
        self, run_id: str, question: int, player_ids: Collection[str]
    ) -> dict[str, PlayerResult]:
        """Return these players' results for `question`; no answer counts as wrong."""
        values = {"run_id": run_id, "question": question, "player_ids": list(player_ids)}
        rows = (await run(self._engine, _RESULTS, values)).rows
        return {player_id: PlayerResult(*result) for player_id, *result in rows}

    async def scored_in(self, run_id: str, question: int) -> list[ScoredAnswer]:
        """Return the answers scored with `question`, including late ones and corrected bonuses.

        Afterwards no more answers are scored with it, so that publishing these is complete.
        """
        values = {"run_id": run_id, "question": question}
        # The first waits for scorers at work.
        commands = [(one, values) for one in (SHARE_LANES, _SCORED_IN, _PUBLISH)]
        _, scored, _ = await run_together(self._engine, commands)
        return [ScoredAnswer(*row) for row in scored.rows]

    async def finish(
        self, snapshot: RunSnapshot, ranks: Sequence[Standing], now: int
    ) -> RunSnapshot | None:
        """End the run with these final standings; see `db.finishing.finish`."""
        async with transaction(self._engine) as connection:
            return await finishing.finish(connection, snapshot, ranks, now)

    async def _score(self, job: ShardJob) -> ShardCounts:
        return await in_transaction(
            self._engine, lambda transaction: score_shard(transaction, job, commit=True)
        )
