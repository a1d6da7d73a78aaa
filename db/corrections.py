"""Corrections: the host changes the answer key of a finished run, which is then scored again.

Points, totals, streaks, ranks, the stored outcome and the audit record change in one transaction.
All of it is computed from the stored answers by the original scoring rules, so the result equals
that of a run with the corrected key from the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.engine import statements, transaction
from db.reranking import rerank
from db.rescoring import LOCK_LANES, Differences, RescoreJob, compare_all
from db.runs import Run
from db.score_shard import ScoreInput
from quiz.content import Quiz
from quiz.errors import ErrorCode, QuizrunError
from quiz.rulings import ORIGINAL, Ruling, ScoringKey
from quiz.scoring import Score
from quiz.snapshot import RunSnapshot
from quiz.streaks import StreakRules

TIMEOUT_S = 300.0

_LOCK = text("""
    SELECT finished_at, anonymised_at FROM runs WHERE id = :run_id FOR UPDATE
""")
_CURRENT = text("""
    SELECT DISTINCT ON (question) question, after FROM corrections
    WHERE run_id = :run_id ORDER BY question, number DESC
""")
_ADD = text("""
    INSERT INTO corrections
        (run_id, number, question, at, host_id, before, after, answers, totals)
    VALUES (:run_id, :number, :question, :at, :host_id,
            CAST(:before AS jsonb), CAST(:after AS jsonb), :answers, :totals)
""")
_NEXT_NUMBER = text("""
    SELECT 1 + coalesce(max(number), 0) FROM corrections WHERE run_id = :run_id
""")
_HISTORY = text("""
    SELECT c.number, c.question, c.at, a.display_name, c.before, c.after, c.answers, c.totals
    FROM corrections c LEFT JOIN accounts a ON a.id = c.host_id
    WHERE c.run_id = :run_id ORDER BY c.number DESC LIMIT :limit
""")
HISTORY_LINES = 200


@dataclass(frozen=True, slots=True)
class Correction:
    """A recorded correction. `answers` and `totals` are how many of each it changed."""

    number: int
    question: int
    at: int
    host: str | None
    before: Ruling
    after: Ruling
    answers: int
    totals: int


@dataclass(frozen=True, slots=True)
class Corrected:
    """The effect of a correction; `snapshot` has the new outcome, None if nothing changed."""

    answers: int
    totals: int
    snapshot: RunSnapshot | None


class Corrections:
    """The repository of corrections."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def rulings(self, run_id: str) -> dict[int, Ruling]:
        """Return the current ruling on each corrected question."""
        async with statements(self._engine) as connection:
            return await _rulings(connection, run_id)

    async def history(self, run_id: str) -> list[Correction]:
        """Return the corrections of a run, latest first."""
        values = {"run_id": run_id, "limit": HISTORY_LINES}
        async with statements(self._engine) as connection:
            return [_correction(row) for row in await connection.execute(_HISTORY, values)]

    async def correct(
        self, run: Run, quiz: Quiz, question: int, ruling: Ruling, *, host_id: str, now: int
    ) -> Corrected:
        """Apply `ruling` to the question, and score the run again; idempotent.

        Raises `run_not_over` for a live run, and `run_anonymised` if its answers were removed.
        """
        run_key = {"run_id": run.id}
        differences = Differences()
        async with transaction(self._engine, timeout_s=TIMEOUT_S) as connection:
            await connection.execute(LOCK_LANES, run_key)
            _check((await connection.execute(_LOCK, run_key)).first())
            rulings = await _rulings(connection, run.id)
            before = rulings.get(question, ORIGINAL)
            rulings[question] = ruling
            changed = ruling != before
            number = await connection.scalar(_NEXT_NUMBER, run_key) if changed else None
            job = rescore_job(run, quiz, rulings, over=True, correction=number)
            await compare_all(connection, job, differences, repair=True)
            if differences.none and not changed:
                return Corrected(0, 0, None)
            snapshot = await rerank(connection, run.id)
            if changed:
                values = {
                    "number": number,
                    "question": question,
                    "at": now,
                    "host_id": host_id,
                    "before": _json(before),
                    "after": _json(ruling),
                    "answers": differences.wrong_answers,
                    "totals": differences.wrong_totals,
                }
                await connection.execute(_ADD, run_key | values)
        return Corrected(differences.wrong_answers, differences.wrong_totals, snapshot)


def rescore_job(
    run: Run,
    quiz: Quiz,
    rulings: dict[int, Ruling],
    *,
    over: bool = False,
    correction: int | None = None,
) -> RescoreJob:
    """Build the job that scores a run again, by the rules and the host's rulings."""
    key, state = ScoringKey(quiz, run.seed, rulings), run.snapshot.state

    def score(row: ScoreInput) -> Score:
        if row.answer == "":
            # Players cannot give an empty answer: the run is being anonymised.
            raise _anonymised()
        return key.score(
            row.question,
            row.answer,
            row.elapsed_ms,
            state.settings.effective_scoring,
            extra_time=row.extra_time,
        )

    return RescoreJob(
        run_id=run.id,
        question_count=state.question_count,
        asked=state.question,
        score=score,
        streaks=StreakRules(key.scored_questions, state.settings.streak_bonus),
        recount_streaks=over,
        correction=correction,
    )


def _check(run: Row[Any] | None) -> None:
    if run is None:
        raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such run.")
    if run.finished_at is None:
        raise QuizrunError(ErrorCode.RUN_NOT_OVER, "Answers can be corrected once the run is over.")
    if run.anonymised_at is not None:
        raise _anonymised()


def _anonymised() -> QuizrunError:
    return QuizrunError(ErrorCode.RUN_ANONYMISED, "The answers of this run have been removed.")


async def _rulings(connection: AsyncConnection, run_id: str) -> dict[int, Ruling]:
    rows = await connection.execute(_CURRENT, {"run_id": run_id})
    return {row.question: Ruling.model_validate(row.after) for row in rows}


def _json(ruling: Ruling) -> str:
    return orjson.dumps(ruling.model_dump(mode="json")).decode()


def _correction(row: Row[Any]) -> Correction:
    return Correction(
        number=row.number,
        question=row.question,
        at=row.at,
        host=row.display_name,
        before=Ruling.model_validate(row.before),
        after=Ruling.model_validate(row.after),
        answers=row.answers,
        totals=row.totals,
    )
