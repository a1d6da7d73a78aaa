"""Receipts: independent counts of acknowledged, stored and scored answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements


@dataclass(frozen=True, slots=True)
class Receipt:
    """The number of answers to a question that a gateway has acknowledged so far."""

    run_id: str
    question: int
    acknowledged: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """The counts of answers to a question.

    `acknowledged` is counted by gateways as they send acks, `stored` are rows in PostgreSQL, and
    `scored` those with points. A gateway that is killed loses up to a few seconds of its count.
    """

    question: int
    acknowledged: int
    stored: int
    scored: int


# The join skips runs that have been deleted.
_ADD = text("""
    INSERT INTO receipts (run_id, question, gateway_id, acknowledged)
    SELECT g.run_id, g.question, :gateway_id, g.acknowledged
    FROM unnest(
        CAST(:run_ids AS uuid[]), CAST(:questions AS smallint[]), CAST(:counts AS integer[])
    ) AS g (run_id, question, acknowledged)
    JOIN runs ON runs.id = g.run_id
    ON CONFLICT (run_id, question, gateway_id)
    DO UPDATE SET acknowledged = greatest(receipts.acknowledged, excluded.acknowledged)
""")
_DELIVERIES = text("""
    SELECT question, coalesce(max(r.acknowledged), 0), coalesce(max(a.stored), 0),
           coalesce(max(a.scored), 0)
    FROM (
        SELECT question, sum(acknowledged) AS acknowledged FROM receipts
        WHERE run_id = :run_id GROUP BY question
    ) r
    FULL JOIN (
        SELECT question, count(*) AS stored, count(points) AS scored FROM answers
        WHERE run_id = :run_id GROUP BY question
    ) a USING (question)
    GROUP BY question ORDER BY question
""")


class Receipts:
    """The repository of receipts."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, gateway_id: str, receipts: Sequence[Receipt]) -> None:
        """Store a gateway's counts; idempotent."""
        if not receipts:
            return
        values = {
            "gateway_id": gateway_id,
            "run_ids": [receipt.run_id for receipt in receipts],
            "questions": [receipt.question for receipt in receipts],
            "counts": [receipt.acknowledged for receipt in receipts],
        }
        async with statements(self._engine) as connection:
            await connection.execute(_ADD, values)

    async def of_run(self, run_id: str) -> list[Delivery]:
        """Return the counts of each question with answers, including kicked players' answers."""
        async with statements(self._engine) as connection:
            rows = await connection.execute(_DELIVERIES, {"run_id": run_id})
            return [Delivery(*row) for row in rows]
