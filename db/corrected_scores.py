"""The outbox of corrected scores, from which they are published to the event stream.

The transaction of a correction marks the answers that it changed, and adds itself as unpublished.
It is marked as published only afterwards, so another process takes over if one dies in between.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements

BATCH_SIZE = 20


@dataclass(frozen=True, slots=True)
class UnpublishedCorrection:
    """A correction to publish. `questions` is the number of questions in the run."""

    run_id: str
    number: int
    questions: int


@dataclass(frozen=True, slots=True)
class CorrectedScore:
    """The score of an answer after a correction; `scored_in` is that of the first scoring."""

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
    """The repository of scores changed by corrections."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def unpublished(self, before: int) -> list[UnpublishedCorrection]:
        """Return the oldest unpublished corrections made at `before` (epoch ms) or earlier."""
        values = {"before": before, "limit": BATCH_SIZE}
        async with statements(self._engine) as connection:
            rows = await connection.execute(_WAITING, values)
            return [UnpublishedCorrection(*row) for row in rows]

    async def changed(self, run_id: str, number: int, question: int) -> list[CorrectedScore]:
        """Return the answers to a question that were last changed by this correction."""
        values = {"run_id": run_id, "number": number, "question": question}
        async with statements(self._engine) as connection:
            rows = await connection.execute(_CHANGED, values)
            return [CorrectedScore(*row) for row in rows]

    async def published(self, run_id: str, number: int, now: int) -> None:
        """Mark the correction as published."""
        values = {"run_id": run_id, "number": number, "now": now}
        async with statements(self._engine) as connection:
            await connection.execute(_PUBLISHED, values)
