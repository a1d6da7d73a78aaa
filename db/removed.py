"""Removed and declined players, and their readmission."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements, transaction
from db.ids import is_id
from quiz.errors import ErrorCode, QuizrunError


@dataclass(frozen=True, slots=True)
class RemovedPlayer:
    """A player who was removed or, if not `played`, declined before joining."""

    player_id: str
    nickname: str
    removed_at: int
    played: bool


_PAGE = text("""
    WITH removed AS (
        SELECT id, nickname, kicked_at AS removed_at, true AS played FROM players
        WHERE run_id = :run_id AND kicked_at IS NOT NULL
        UNION ALL
        SELECT id, nickname, declined_at, false FROM waiting_players
        WHERE run_id = :run_id AND declined_at IS NOT NULL
    )
    SELECT id, nickname, removed_at, played, count(*) OVER () AS total FROM removed
    ORDER BY removed_at DESC, id LIMIT :limit OFFSET :offset
""")
_LOCK_RUN = text("""
    SELECT finished_at IS NOT NULL FROM runs WHERE id = :run_id FOR NO KEY UPDATE
""")
_INVITE = text("""
    UPDATE waiting_players SET declined_at = NULL, admitted_at = :now, seen_at = :now
    WHERE id = :player_id AND run_id = :run_id AND declined_at IS NOT NULL
""")
_RESTORE = text("""
    WITH back AS (
        UPDATE players SET kicked_at = NULL
        WHERE id = :player_id AND run_id = :run_id AND kicked_at IS NOT NULL RETURNING run_id
    )
    UPDATE runs SET players = players + 1 FROM back WHERE runs.id = back.run_id
""")
_KNOWN = text("""
    SELECT 1 FROM players WHERE id = :player_id AND run_id = :run_id
    UNION ALL SELECT 1 FROM waiting_players WHERE id = :player_id AND run_id = :run_id
""")


class RemovedPlayers:
    """The repository of removed players."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def page(self, run_id: str, limit: int, offset: int) -> tuple[list[RemovedPlayer], int]:
        """Return a page of the removed players, latest first, and the total."""
        values = {"run_id": run_id, "limit": limit, "offset": offset}
        async with statements(self._engine) as connection:
            rows = (await connection.execute(_PAGE, values)).all()
        return [RemovedPlayer(*row[:-1]) for row in rows], rows[0].total if rows else 0

    async def readmit(self, run_id: str, player_id: str, now: int) -> bool:
        """Undo a removal: restore the player with score, name and token; admit a declined player.

        Returns False if the player was not removed. Raises `not_found`, `run_finished`,
        `nickname_taken`.
        """
        if not is_id(run_id) or not is_id(player_id):
            raise _not_found()
        values = {"run_id": run_id, "player_id": player_id, "now": now}
        try:
            async with transaction(self._engine) as connection:
                if await connection.scalar(_LOCK_RUN, {"run_id": run_id}):
                    raise QuizrunError(ErrorCode.RUN_FINISHED, "The run is over.")
                for statement in (_RESTORE, _INVITE):
                    if (await connection.execute(statement, values)).rowcount:
                        return True
                if await connection.scalar(_KNOWN, values) is None:
                    raise _not_found()
        except IntegrityError:
            raise QuizrunError(
                ErrorCode.NICKNAME_TAKEN, "Someone else is using this nickname now."
            ) from None
        return False


def _not_found() -> QuizrunError:
    return QuizrunError(ErrorCode.NOT_FOUND, "There is no such player in this run.")
