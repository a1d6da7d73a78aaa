"""The answers of a run as they are in the table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_ANSWERS = text("""
    SELECT question, player_id, answer, elapsed_ms, received_at, points, bonus, correct
    FROM answers WHERE run_id = :run_id ORDER BY question, player_id
""")


async def answer_rows(engine: AsyncEngine, run_id: str) -> list[Any]:
    """Rows with the columns above, by question and player."""
    async with engine.connect() as connection:
        return list(await connection.execute(_ANSWERS, {"run_id": run_id}))
