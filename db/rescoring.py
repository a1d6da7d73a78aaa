"""Rescoring: score the stored answers of a run again, and compare with the stored points."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.arrays import array
from db.engine import transaction
from db.late_answers import Stored, rescore
from db.operator_actions import record
from db.reranking import rerank
from db.score_shard import LANES, NO_LOOPS, SCORES_PER_TURN, ScoreAnswer, ScoreInput
from quiz.snapshot import RunSnapshot
from quiz.streaks import StreakRules

PLAYERS_PER_PAGE = 200
TIMEOUT_S = 900.0
MAX_LISTED = 100
"""How many differences of each kind are listed; all are counted."""

LOCK_LANES = text(f"""
    SELECT pg_advisory_xact_lock(hashtext(:run_id), lane)
    FROM generate_series(0, {LANES - 1}) AS lane
""")  # noqa: S608  (a constant only)
_PLAYERS = text("""
    SELECT id, number, nickname, score, streak FROM players
    WHERE run_id = :run_id AND number > :after ORDER BY number LIMIT :limit
""")
_ANSWERS = text("""
    SELECT player_id, question, answer, elapsed_ms, points, bonus, correct,
           coalesce(extra_time, 100) AS extra_time
    FROM answers
    WHERE run_id = :run_id AND question = ANY(CAST(:questions AS smallint[]))
      AND player_id = ANY(CAST(:player_ids AS uuid[])) AND points IS NOT NULL
    ORDER BY player_id, question
""")
_REPAIR_ANSWERS = text("""
    UPDATE answers a SET points = g.points, bonus = g.bonus, correct = g.correct,
           corrected_by = coalesce(CAST(:correction AS integer), a.corrected_by)
    FROM unnest(
        CAST(:player_ids AS uuid[]), CAST(:questions AS smallint[]), CAST(:points AS integer[]),
        CAST(:bonuses AS integer[]), CAST(:corrects AS boolean[])
    ) AS g (player_id, question, points, bonus, correct)
    WHERE a.run_id = :run_id AND a.question = g.question AND a.player_id = g.player_id
""")
_REPAIR_TOTALS = text("""
    UPDATE players p SET score = g.score
    FROM unnest(CAST(:player_ids AS uuid[]), CAST(:scores AS integer[])) AS g (player_id, score)
    WHERE p.id = g.player_id AND p.run_id = :run_id
""")
_REPAIR_STREAKS = text("""
    UPDATE players p SET streak = g.streak
    FROM unnest(CAST(:player_ids AS uuid[]), CAST(:streaks AS integer[])) AS g (player_id, streak)
    WHERE p.id = g.player_id AND p.run_id = :run_id
""")


@dataclass(frozen=True, slots=True)
class AnswerDifference:
    """An answer whose stored points (including bonus) differ from those it earned."""

    player_id: str
    question: int
    stored: int
    earned: int
    bonus: int
    correct: bool


@dataclass(frozen=True, slots=True)
class TotalDifference:
    """A player whose stored total differs from the sum of the earned points."""

    player_id: str
    nickname: str
    stored: int
    earned: int


@dataclass(slots=True)
class Differences:
    """The result of a comparison; `answers` and `totals` list up to `MAX_LISTED` of each."""

    players: int = 0
    scored: int = 0
    wrong_answers: int = 0
    wrong_totals: int = 0
    answers: list[AnswerDifference] = field(default_factory=list)
    totals: list[TotalDifference] = field(default_factory=list)
    reranked: RunSnapshot | None = None
    """The new final standings of a finished run that was repaired."""

    @property
    def none(self) -> bool:
        """Whether all stored points are correct."""
        return not self.wrong_answers and not self.wrong_totals


@dataclass(frozen=True, slots=True)
class RescoreJob:
    """The run to score again, and the rules. `asked` is the latest question that was asked.

    `recount_streaks` also recounts players' streaks; only for finished runs, because the open
    question of a live one would end the streaks of players who have yet to answer. `correction` is
    the number of the correction that changes the answers.
    """

    run_id: str
    question_count: int
    asked: int
    score: ScoreAnswer
    streaks: StreakRules
    recount_streaks: bool = False
    correction: int | None = None


async def compare_all(
    connection: AsyncConnection, job: RescoreJob, differences: Differences, *, repair: bool
) -> None:
    """Compare every player's answers and total with the rules, and collect the `differences`.

    `connection` must be in a transaction that holds all lanes of the run.
    """
    await connection.execute(NO_LOOPS)
    after = 0
    while True:
        page = {"run_id": job.run_id, "after": after, "limit": PLAYERS_PER_PAGE}
        players = (await connection.execute(_PLAYERS, page)).all()
        if not players:
            return
        await _compare(connection, job, players, differences, repair=repair)
        after = players[-1].number


class Rescoring:
    """Compares stored points with the scoring rules, page by page."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def compare(self, job: RescoreJob, *, repair_as: str | None = None) -> Differences:
        """Score all scored answers again and compare; unscored answers are skipped.

        `repair_as` is the operator on whose behalf differences are repaired, in one transaction
        that excludes scorers; None changes nothing.
        """
        differences = Differences()
        async with transaction(self._engine, timeout_s=TIMEOUT_S) as connection:
            await connection.execute(LOCK_LANES, {"run_id": job.run_id})
            await compare_all(connection, job, differences, repair=repair_as is not None)
            if repair_as is not None and not differences.none:
                differences.reranked = await rerank(connection, job.run_id)
                await record(
                    connection,
                    repair_as,
                    "rescore",
                    job.run_id,
                    f"corrected {differences.wrong_answers} answers "
                    f"and {differences.wrong_totals} totals",
                    answers=[_as_dict(difference) for difference in differences.answers],
                    totals=[
                        {
                            "player_id": total.player_id,
                            "stored": total.stored,
                            "earned": total.earned,
                        }
                        for total in differences.totals
                    ],
                )
        return differences


async def _compare(
    connection: AsyncConnection,
    job: RescoreJob,
    players: Sequence[Row[Any]],
    differences: Differences,
    *,
    repair: bool,
) -> None:
    parameters = {
        "run_id": job.run_id,
        "questions": list(range(job.question_count)),  # precede the player in the primary key
        "player_ids": array(row.id for row in players),
    }
    rows = (await connection.execute(_ANSWERS, parameters)).all()
    wrong, sums, streaks = await _rescored(job, rows)
    totals = [
        TotalDifference(row.id, row.nickname, row.score, sums.get(row.id, 0))
        for row in players
        if row.score != sums.get(row.id, 0)
    ]
    differences.players += len(players)
    differences.scored += len(rows)
    differences.wrong_answers += len(wrong)
    differences.wrong_totals += len(totals)
    differences.answers += wrong[: MAX_LISTED - len(differences.answers)]
    differences.totals += totals[: MAX_LISTED - len(differences.totals)]
    if repair and wrong:
        columns: dict[str, list[Any]] = {
            "player_ids": [answer.player_id for answer in wrong],
            "questions": [answer.question for answer in wrong],
            "points": [answer.earned for answer in wrong],
            "bonuses": [answer.bonus for answer in wrong],
            "corrects": [answer.correct for answer in wrong],
        }
        keys = {"run_id": job.run_id, "correction": job.correction}
        await connection.execute(_REPAIR_ANSWERS, keys | columns)
    if repair and totals:
        ids, scores = [total.player_id for total in totals], [total.earned for total in totals]
        values = {"run_id": job.run_id, "player_ids": ids, "scores": scores}
        await connection.execute(_REPAIR_TOTALS, values)
    if repair and job.recount_streaks:
        ended = {row.id: streaks.get(row.id, 0) for row in players}
        changed = [row.id for row in players if row.streak != ended[row.id]]
        values = {"player_ids": changed, "streaks": [ended[player_id] for player_id in changed]}
        await connection.execute(_REPAIR_STREAKS, {"run_id": job.run_id, **values})


async def _rescored(
    job: RescoreJob, rows: Sequence[Row[Any]]
) -> tuple[list[AnswerDifference], dict[str, int], dict[str, int]]:
    """The answers with wrong points, and each player's earned total and streak."""
    earned = []
    for index, row in enumerate(rows):
        if index % SCORES_PER_TURN == SCORES_PER_TURN - 1:
            await asyncio.sleep(0)  # gateways must keep serving sockets
        answer = ScoreInput(row.player_id, row.question, row.answer, row.elapsed_ms, row.extra_time)
        earned.append(job.score(answer))
    past = [
        Stored(row.player_id, row.question, row.bonus or 0, score.correct)
        for row, score in zip(rows, earned, strict=True)
    ]
    counted = rescore(past, (), job.asked, job.streaks)
    wrong, sums = [], {}
    by_player = groupby(zip(rows, earned, strict=True), key=lambda pair: str(pair[0].player_id))
    for player_id, pairs in by_player:
        total = 0
        for row, score in pairs:
            bonus = job.streaks.bonus(counted.reached.get((row.player_id, row.question), 0))
            points = score.points + bonus
            total += points
            if (row.points, row.bonus, row.correct) != (points, bonus, score.correct):
                difference = AnswerDifference(
                    player_id, row.question, row.points, points, bonus, score.correct
                )
                wrong.append(difference)
        sums[player_id] = total
    return wrong, sums, counted.streaks


def _as_dict(difference: AnswerDifference) -> dict[str, Any]:
    return {
        "player_id": difference.player_id,
        "question": difference.question,
        "stored": difference.stored,
        "earned": difference.earned,
    }
