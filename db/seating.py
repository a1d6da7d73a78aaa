"""Whose seats count while a batch of joins is decided: the players of a network, and players who
have left the lobby.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.engine import statements
from db.ids import is_id
from db.join_request import JoinRequest

MAX_LEFT = 5_000
"""Players who have left that one statement reads."""

_NEIGHBOURS = text("""
    SELECT g.run_id, g.network_hash, count(*) FROM (
        SELECT DISTINCT * FROM unnest(CAST(:run_ids AS uuid[]), CAST(:network_hashes AS text[]))
            AS g (run_id, network_hash)
    ) g
    JOIN players p ON p.run_id = g.run_id AND p.network_hash = g.network_hash
    GROUP BY g.run_id, g.network_hash
""")
# Returning players lock in the same order, by id.
_FREE = text("""
    DELETE FROM players WHERE id IN (
        SELECT id FROM players WHERE id IN (
            SELECT id FROM players
            WHERE run_id = :run_id AND left_at IS NOT NULL AND left_at < :before
              AND kicked_at IS NULL
              AND (CAST(:network_hash AS text) IS NULL OR network_hash = :network_hash)
            ORDER BY left_at, id LIMIT :needed
        ) AND left_at IS NOT NULL ORDER BY id FOR UPDATE
    ) RETURNING id, nickname, network_hash
""")
_LEFT = text("""
    WITH given AS (
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:times AS bigint[])) AS g (id, at)
    ), locked AS (
        SELECT p.id FROM players p JOIN given USING (id) JOIN runs r ON r.id = p.run_id
        WHERE r.phase = 'lobby' AND p.kicked_at IS NULL ORDER BY p.id FOR UPDATE OF p
    )
    UPDATE players SET left_at = given.at FROM given
    WHERE players.id = given.id AND given.id IN (SELECT id FROM locked)
""")
_BACK = text("""
    UPDATE players SET left_at = NULL WHERE id IN (
        SELECT id FROM players WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
    ) RETURNING id
""")
_GONE = text("""
    SELECT id FROM players WHERE run_id = ANY(CAST(:run_ids AS uuid[])) AND left_at IS NOT NULL
    LIMIT :limit
""")


class FreedSeat(NamedTuple):
    """A player who had left the lobby, and whose seat somebody else has needed."""

    player_id: str
    nickname: str
    network_hash: str | None


async def neighbours(
    connection: AsyncConnection, requests: Sequence[JoinRequest]
) -> dict[tuple[str, str], int]:
    """Return the number of players from the networks of `requests`, by run and network."""
    limited = [request for request in requests if request.network_hash is not None]
    if not limited:
        return {}
    values = {
        "run_ids": [request.run_id for request in limited],
        "network_hashes": [request.network_hash for request in limited],
    }
    rows = await connection.execute(_NEIGHBOURS, values)
    return {(run_id, network_hash): count for run_id, network_hash, count in rows}


async def free(
    connection: AsyncConnection,
    run_id: str,
    needed: int,
    before: int,
    network_hash: str | None = None,
) -> list[FreedSeat]:
    """Delete up to `needed` players who left before that time, of the network if one is given.

    The run must be locked and in its lobby, so that they have no answers.
    """
    values: dict[str, Any] = {
        "run_id": run_id,
        "needed": needed,
        "before": before,
        "network_hash": network_hash,
    }
    return [FreedSeat(*row) for row in await connection.execute(_FREE, values)]


async def back(connection: AsyncConnection, player_ids: Sequence[str]) -> set[str]:
    """Note that these players are here; return those who still have their seats."""
    return set((await connection.execute(_BACK, {"ids": player_ids})).scalars())


class Departures:
    """The repository of players who have left lobbies."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def left(self, times: dict[str, int]) -> None:
        """Note when these players left, as long as their runs are in the lobby."""
        values = {"ids": list(times), "times": list(times.values())}
        async with statements(self._engine) as connection:
            await connection.execute(_LEFT, values)

    async def back(self, player_ids: Sequence[str]) -> list[bool]:
        """Note that these players are here; False for those whose seat is taken."""
        ids = [player_id for player_id in player_ids if is_id(player_id)]
        async with statements(self._engine) as connection:
            here = await back(connection, ids)
        return [player_id in here for player_id in player_ids]

    async def gone(self, run_ids: Sequence[str]) -> set[str]:
        """Return the players of these runs who are noted as having left."""
        values = {"run_ids": list(run_ids), "limit": MAX_LEFT}
        async with statements(self._engine) as connection:
            return set((await connection.execute(_GONE, values)).scalars())
