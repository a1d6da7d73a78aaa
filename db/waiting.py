"""Players waiting for the host's approval.

They are not players of the run yet: a client repeats its `join`, which succeeds once the host has
admitted them. So waiting needs no connection state, and survives restarts of gateways.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.engine import statements
from db.ids import is_id
from db.join_request import JoinRequest
from quiz.admission import GONE_AFTER_MS, Entrance, Waiting

SEEN_INTERVAL_MS = 5_000


@dataclass(frozen=True, slots=True)
class WaitingPlayer:
    """A waiting player; `asked_at` is the time of the first request (epoch ms)."""

    player_id: str
    nickname: str
    asked_at: int


_LOAD = text("""
    SELECT w.* FROM unnest(CAST(:run_ids AS uuid[]), CAST(:nickname_keys AS text[]))
         AS g (run_id, nickname_key)
    JOIN waiting_players w USING (run_id, nickname_key) WHERE w.declined_at IS NULL
""")
_COUNTS = text("""
    SELECT run_id, network_hash, count(*) FROM waiting_players
    WHERE run_id = ANY(CAST(:run_ids AS uuid[])) AND admitted_at IS NULL AND declined_at IS NULL
      AND seen_at > :since
    GROUP BY run_id, network_hash
""")
_DELETE = text("DELETE FROM waiting_players WHERE id = ANY(CAST(:ids AS uuid[]))")
_SEEN = text("""
    UPDATE waiting_players SET seen_at = :now WHERE id = ANY(CAST(:ids AS uuid[]))
""")
_INSERT = text("""
    INSERT INTO waiting_players (id, run_id, nickname, nickname_key, skeleton, join_key,
                                 device_hash, network_hash, asked_at, seen_at)
    SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:run_ids AS uuid[]), CAST(:nicknames AS text[]),
        CAST(:nickname_keys AS text[]), CAST(:skeletons AS text[]), CAST(:join_keys AS text[]),
        CAST(:device_hashes AS text[]), CAST(:network_hashes AS text[]),
        CAST(:asked_ats AS bigint[]), CAST(:asked_ats AS bigint[]))
""")
_IS_WAITING = """
    run_id = :run_id AND admitted_at IS NULL AND declined_at IS NULL AND seen_at > :since
"""
_PAGE = text(f"""
    SELECT id, nickname, asked_at, count(*) OVER () AS total FROM waiting_players
    WHERE {_IS_WAITING} ORDER BY asked_at, id LIMIT :limit
""")  # noqa: S608  (constants only)
_ADMIT = text(f"""
    UPDATE waiting_players SET admitted_at = :now
    WHERE {_IS_WAITING} AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY(CAST(:ids AS uuid[])))
""")  # noqa: S608
_DECLINE = text("""
    UPDATE waiting_players SET declined_at = :now
    WHERE run_id = :run_id AND id = :player_id AND declined_at IS NULL
""")


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    waiting: Waiting


class Queue:
    """The waiting players of a locked run while a batch of joins is decided."""

    def __init__(self, run_id: str, entrance: Entrance) -> None:
        self.run_id = run_id
        self.entrance = entrance
        self.neighbours: Counter[str] = Counter()
        """The waiting players by network."""
        self.new: dict[str, JoinRequest] = {}
        self.gone: list[str] = []
        self.seen: dict[str, int] = {}
        self._known: dict[str, _Entry] = {}

    def know(self, row: Row[Any]) -> None:
        """Add a stored entry."""
        waiting = Waiting(row.join_key, row.seen_at, admitted=row.admitted_at is not None)
        self._known[row.nickname_key] = _Entry(row.id, waiting)

    def count(self, network_hash: str | None, players: int) -> None:
        """Count waiting players."""
        self.entrance.waiting += players
        if network_hash is not None:
            self.neighbours[network_hash] += players

    def find(self, nickname_key: str) -> Waiting | None:
        """Return the player waiting under this nickname."""
        entry = self._known.get(nickname_key)
        return None if entry is None else entry.waiting

    def leave(self, request: JoinRequest) -> None:
        """Delete the entry of a player who has joined."""
        if entry := self._known.pop(request.nickname_key, None):
            self.gone.append(entry.id)

    def wait(self, request: JoinRequest, *, again: bool) -> None:
        """Store or renew an applicant's entry; `again` if they are already waiting."""
        entry = self._known.get(request.nickname_key)
        if again and entry is not None:
            if entry.waiting.seen_at < request.joined_at - SEEN_INTERVAL_MS:
                self.seen[entry.id] = request.joined_at
            return
        self.leave(request)
        self.count(request.network_hash, 1)
        self.new[request.nickname_key] = request
        self._known[request.nickname_key] = _Entry(
            request.player_id, Waiting(request.join_key, request.joined_at)
        )


async def load(
    connection: AsyncConnection, queues: Sequence[Queue], requests: Sequence[JoinRequest]
) -> None:
    """Load the waiting players that match the requests. The runs must be locked."""
    if not queues:
        return
    by_run = {queue.run_id: queue for queue in queues}
    asking = [request for request in requests if request.run_id in by_run]
    names = {
        "run_ids": [request.run_id for request in asking],
        "nickname_keys": [request.nickname_key for request in asking],
    }
    for row in await connection.execute(_LOAD, names):
        by_run[row.run_id].know(row)
    since = max(request.joined_at for request in asking) - GONE_AFTER_MS
    counts = {"run_ids": list(by_run), "since": since}
    for run_id, network_hash, count in await connection.execute(_COUNTS, counts):
        by_run[run_id].count(network_hash, count)


async def store(connection: AsyncConnection, queues: Sequence[Queue]) -> None:
    """Store the changes of the queues."""
    gone = [id_ for queue in queues for id_ in queue.gone]
    seen = {id_: at for queue in queues for id_, at in queue.seen.items()}
    new = [request for queue in queues for request in queue.new.values()]
    if gone:
        await connection.execute(_DELETE, {"ids": gone})
    if seen:
        await connection.execute(_SEEN, {"ids": list(seen), "now": max(seen.values())})
    if new:
        values = {
            "ids": [request.player_id for request in new],
            "run_ids": [request.run_id for request in new],
            "nicknames": [request.nickname for request in new],
            "nickname_keys": [request.nickname_key for request in new],
            "skeletons": [request.skeleton for request in new],
            "join_keys": [request.join_key for request in new],
            "device_hashes": [request.device_hash for request in new],
            "network_hashes": [request.network_hash for request in new],
            "asked_ats": [request.joined_at for request in new],
        }
        await connection.execute(_INSERT, values)


class WaitingPlayers:
    """The repository of waiting players, for their host."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def page(self, run_id: str, limit: int, now: int) -> tuple[list[WaitingPlayer], int]:
        """Return the players who have waited longest, and the total."""
        values = {"run_id": run_id, "limit": limit, "since": now - GONE_AFTER_MS}
        async with statements(self._engine) as connection:
            rows = (await connection.execute(_PAGE, values)).all()
        players = [WaitingPlayer(row.id, row.nickname, row.asked_at) for row in rows]
        return players, rows[0].total if rows else 0

    async def admit(self, run_id: str, player_ids: Collection[str] | None, now: int) -> int:
        """Admit these waiting players, or all; return how many. Idempotent."""
        ids = None if player_ids is None else [id_ for id_ in player_ids if is_id(id_)]
        values = {"run_id": run_id, "ids": ids, "now": now, "since": now - GONE_AFTER_MS}
        async with statements(self._engine) as connection:
            return (await connection.execute(_ADMIT, values)).rowcount

    async def decline(self, run_id: str, player_id: str, now: int) -> bool:
        """Decline a player permanently, like a kick; False if there is no such entry."""
        if not is_id(player_id):
            return False
        values = {"run_id": run_id, "player_id": player_id, "now": now}
        async with statements(self._engine) as connection:
            return (await connection.execute(_DECLINE, values)).rowcount > 0
