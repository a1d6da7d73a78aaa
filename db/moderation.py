"""The store of moderated answers: which typed answers may be shown to everyone."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements

_CHOICES = text("""
    SELECT answer_key, shown FROM answer_looks WHERE run_id = :run_id AND question = :question
""")
_SET_SHOWN = text("""
    INSERT INTO answer_looks (run_id, question, answer_key, shown)
    SELECT :run_id, :question, key, :shown FROM unnest(CAST(:keys AS text[])) AS key ORDER BY key
    ON CONFLICT (run_id, question, answer_key) DO UPDATE SET shown = excluded.shown
""")


class AnswerModeration:
    """The host's choices of which typed answers to show, by `quiz.moderation.answer_key`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of(self, run_id: str, question: int) -> dict[str, bool]:
        """Return whether each moderated answer may be shown, by its key."""
        values = {"run_id": run_id, "question": question}
        async with statements(self._engine) as connection:
            rows = await connection.execute(_CHOICES, values)
            return {row.answer_key: row.shown for row in rows}

    async def set_shown(
        self, run_id: str, question: int, keys: Collection[str], *, shown: bool
    ) -> None:
        """Show or hide answers; the latest choice for each counts."""
        values = {"run_id": run_id, "question": question, "keys": sorted(set(keys)), "shown": shown}
        async with statements(self._engine) as connection:
            await connection.execute(_SET_SHOWN, values)
