"""The host's list of players in a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements
from db.ids import is_id
from quiz.errors import ErrorCode, QuizrunError
from quiz.extra_time import NORMAL


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A player in the run. Tied players share a rank; `extra_time` is in percent.

    See `quiz.extra_time`.
    """

    player_id: str
    nickname: str
    rank: int
    score: int
    streak: int
    extra_time: int = NORMAL


_RANKED = """
    SELECT id, nickname, rank() OVER (ORDER BY score DESC) AS rank, score, streak, number,
           extra_time
    FROM players WHERE run_id = :run_id AND kicked_at IS NULL
"""
_PAGE = text(f"""
    WITH ranked AS ({_RANKED})
    SELECT id, nickname, rank, score, streak, extra_time, count(*) OVER () AS total
    FROM ranked WHERE nickname ILIKE :pattern ORDER BY number LIMIT :limit OFFSET :offset
""")  # noqa: S608  (constants only)
_COUNT = text("""
    SELECT count(*) FROM players
    WHERE run_id = :run_id AND kicked_at IS NULL AND nickname ILIKE :pattern
""")
_ONE = text(f"""
    WITH ranked AS ({_RANKED})
    SELECT id, nickname, rank, score, streak, extra_time FROM ranked WHERE id = :player_id
""")  # noqa: S608


class Roster:
    """Read-only lists of a run's players, without kicked ones."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def page(
        self, run_id: str, limit: int, offset: int, *, search: str = ""
    ) -> tuple[list[RosterLine], int]:
        """Return players whose nickname contains `search`, in joining order, and the total."""
        values: dict[str, Any] = {"run_id": run_id, "pattern": contains(search)}
        async with statements(self._engine) as connection:
            page = values | {"limit": limit, "offset": offset}
            rows = (await connection.execute(_PAGE, page)).all()
            total = rows[0].total if rows else await connection.scalar(_COUNT, values)
        return [RosterLine(*row[:-1]) for row in rows], total

    async def get(self, run_id: str, player_id: str) -> RosterLine:
        """Return one player. Raises `not_found`."""
        values = {"run_id": run_id, "player_id": player_id}
        row = None
        if is_id(player_id):
            async with statements(self._engine) as connection:
                row = (await connection.execute(_ONE, values)).first()
        if row is None:
            raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such player in this run.")
        return RosterLine(*row)


def contains(search: str) -> str:
    """Return the `ILIKE` pattern for texts that contain `search`."""
    escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
