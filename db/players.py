"""The players of runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db import extra_time, joining
from db.engine import statements, transaction
from db.extra_time import ExtraTimes
from db.ids import is_id
from db.join_request import JoinRequest
from db.locked_run import Joined, Player
from db.tables import PlayerRow, RunRow
from quiz.errors import ErrorCode, QuizrunError
from quiz.extra_time import NORMAL

__all__ = ["JoinRequest", "Joined", "Player", "Players", "Returning"]

_COLUMNS = (
    PlayerRow.id,
    PlayerRow.run_id,
    PlayerRow.number,
    PlayerRow.nickname,
    PlayerRow.score,
    PlayerRow.streak,
    PlayerRow.rank,
    PlayerRow.kicked_at,
    PlayerRow.token_epoch,
    PlayerRow.left_at,
)

_LOCK_RUN = text("SELECT id FROM runs WHERE id = :run_id FOR NO KEY UPDATE")
_KICK = text("""
    WITH kicked AS (
        UPDATE players SET kicked_at = :now,
               kicked_version = coalesce(CAST(:version AS integer), kicked_version)
        WHERE id = :player_id AND run_id = :run_id AND kicked_at IS NULL
          AND (CAST(:version AS integer) IS NULL
               OR coalesce(kicked_version, -1) < CAST(:version AS integer))
        RETURNING run_id
    )
    UPDATE runs SET players = players - 1 FROM kicked WHERE runs.id = kicked.run_id
""")


class Returning(NamedTuple):
    """A returning player, and the version of the run, which the player may have seen."""

    player: Player
    version: int
    left: bool
    """Whether the player is noted as having left the lobby; see `db.seating`."""


class Players:
    """The repository of players."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def join_batch(self, requests: list[JoinRequest]) -> list[Joined | QuizrunError]:
        """Join players to any number of runs; return an outcome for each request, in order.

        Refusals: `pin_unknown run_finished run_locked nickname_taken run_full kicked`. Idempotent:
        a repeated request returns the same player.
        """
        async with transaction(self._engine) as connection:
            return await joining.join(connection, requests)

    async def get(self, player_id: str) -> Player | None:
        """Return the player, kicked or not."""
        return (await self.many([player_id])).get(player_id)

    async def returning(self, player_ids: Sequence[str]) -> list[Returning | None]:
        """Return the players with the versions of their runs, in order, including kicked ones."""
        ids = [player_id for player_id in player_ids if is_id(player_id)]
        statement = (
            select(*_COLUMNS, RunRow.version)
            .join(RunRow, RunRow.id == PlayerRow.run_id)
            .where(PlayerRow.id.in_(ids))
        )
        async with statements(self._engine) as connection:
            rows = await connection.execute(statement)
            found = {
                row.id: Returning(_player(row), row.version, row.left_at is not None)
                for row in rows
            }
        return [found.get(player_id) for player_id in player_ids]

    async def many(self, player_ids: Collection[str]) -> dict[str, Player]:
        """Return the players that exist, by id."""
        ids = [player_id for player_id in player_ids if is_id(player_id)]
        if not ids:
            return {}
        statement = select(*_COLUMNS).where(PlayerRow.id.in_(ids))
        async with statements(self._engine) as connection:
            return {row.id: _player(row) for row in await connection.execute(statement)}

    async def page(self, run_id: str, limit: int, offset: int) -> list[Player]:
        """Return a page of the run's players in the order in which they joined."""
        statement = (
            select(*_COLUMNS)
            .where(*_in_run(run_id))
            .order_by(PlayerRow.number)
            .limit(limit)
            .offset(offset)
        )
        async with statements(self._engine) as connection:
            return [_player(row) for row in await connection.execute(statement)]

    async def count(self, run_id: str) -> int:
        """Return the number of players in the run."""
        statement = select(func.count()).select_from(PlayerRow).where(*_in_run(run_id))
        async with statements(self._engine) as connection:
            return await connection.scalar(statement) or 0

    async def kick(self, run_id: str, player_id: str, now: int, version: int | None = None) -> bool:
        """Remove a player from the run, and ban their name and device from rejoining.

        `version` is that of the decision, which takes effect once, even if the host has readmitted
        the player since (`db.removed`); None is a new kick. Returns whether this call removed the
        player. Raises `not_found`.
        """
        if not is_id(run_id) or not is_id(player_id):
            raise _not_found()
        values = {"run_id": run_id, "player_id": player_id, "now": now, "version": version}
        known = select(PlayerRow.id).where(PlayerRow.id == player_id, PlayerRow.run_id == run_id)
        async with transaction(self._engine) as connection:
            # Lock the run first, as everywhere, so that a kick and a finish cannot deadlock.
            await connection.execute(_LOCK_RUN, {"run_id": run_id})
            kicked = (await connection.execute(_KICK, values)).rowcount > 0
            if not kicked and await connection.scalar(known) is None:
                raise _not_found()
            if kicked:
                await _forget_extra_time(connection, run_id, player_id)
        return kicked

    async def extra_times(self, run_id: str) -> ExtraTimes:
        """Return the extra times of a run's players; see `db.extra_time`."""
        async with statements(self._engine) as connection:
            return await extra_time.of_run(connection, run_id)

    async def change_extra_time(self, run_id: str, player_id: str, percent: int) -> ExtraTimes:
        """Change a player's factor; see `db.extra_time.change`."""
        if not is_id(run_id) or not is_id(player_id):
            raise _not_found()
        async with transaction(self._engine) as connection:
            return await extra_time.change(connection, run_id, player_id, percent)


async def _forget_extra_time(connection: AsyncConnection, run_id: str, player_id: str) -> None:
    # Questions need not stay open longer for a player who has left.
    had = select(PlayerRow.extra_time).where(PlayerRow.id == player_id)
    if await connection.scalar(had) != NORMAL:
        await extra_time.count(connection, run_id)


def _in_run(run_id: str) -> tuple[ColumnElement[bool], ...]:
    return PlayerRow.run_id == run_id, PlayerRow.kicked_at.is_(None)


def _player(row: Any) -> Player:
    return Player(
        id=row.id,
        run_id=row.run_id,
        number=row.number,
        nickname=row.nickname,
        score=row.score,
        streak=row.streak,
        rank=row.rank,
        kicked=row.kicked_at is not None,
        token_epoch=row.token_epoch,
    )


def _not_found() -> QuizrunError:
    return QuizrunError(ErrorCode.NOT_FOUND, "There is no such player in this run.")
