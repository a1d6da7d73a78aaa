"""The outbox of corrected scores: what a correction changed, until the event stream has it.

The transaction of a correction marks the answers that it changed and adds its row as unpublished.
Whoever publishes them says so afterwards: a process that dies in between leaves them to the next.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements

AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class UnpublishedCorrection:
    """A correction whose scores are still to be published. `questions` is how many the run has."""

    run_id: str
    number: int
    questions: int


@dataclass(frozen=True, slots=True)
class CorrectedScore:
    """What an answer earns since a correction; `scored_in` is as in the first scoring."""

    question: int
    player_id: str
    points: int
    bonus: int
    correct: bool | None
    scored_in: int


_WAITING = text("""
    SELECT c.run_id, c.number, (r.snapshot #>> '{state,question_count}')::integer
    FROM corrections c JOIN runs r ON r.id = c.run_id
    WHERE c.published_at IS NULL AND c.at <= :before ORDER BY c.at, c.number LIMIT :limit
""")
_CHANGED = text("""
    SELECT question, player_id, points, coalesce(bonus, 0), correct, coalesce(scored_in, question)
    FROM answers
    WHERE run_id = :run_id AND question = :question AND corrected_by = :number
    ORDER BY player_id
""")
_PUBLISHED = text("""
    UPDATE corrections SET published_at = :now
    WHERE run_id = :run_id AND number = :number AND published_at IS NULL
""")


class CorrectedScores:
    """The repository of scores that corrections changed."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def unpublished(self, before: int) -> list[UnpublishedCorrection]:
        """The oldest corrections, made at `before` (epoch ms) or earlier, that wait."""
        values = {"before": before, "limit": AT_ONCE}
        async with statements(self._engine) as connection:
            rows = await connection.execute(_WAITING, values)
            return [UnpublishedCorrection(*row) for row in rows]

    async def changed(self, run_id: str, number: int, question: int) -> list[CorrectedScore]:
        """The answers to a question whose points were last changed by this correction."""
        values = {"run_id": run_id, "number": number, "question": question}
        async with statements(self._engine) as connection:
            rows = await connection.execute(_CHANGED, values)
            return [CorrectedScore(*row) for row in rows]

    async def published(self, run_id: str, number: int, now: int) -> None:
        """Note that the event stream has all scores of this correction."""
        values = {"run_id": run_id, "number": number, "now": now}
        async with statements(self._engine) as connection:
            await connection.execute(_PUBLISHED, values)
