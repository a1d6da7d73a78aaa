"""Players who wait until the host lets them in.

They are no players yet: a client repeats its `join`, and once the host has said yes the same `join`
makes the player. So nothing has to be kept open for those who wait, and a gateway may come and go.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.engine import statements
from db.ids import is_id
from db.join_request import JoinRequest
from quiz.admission import GONE_AFTER_MS, Entrance, Waiting

SEEN_EVERY_MS = 5_000


@dataclass(frozen=True, slots=True)
class WaitingPlayer:
    """Someone who waits to be let in, since `asked_at`."""

    player_id: str
    nickname: str
    asked_at: int


_LOAD = text("""
    SELECT w.* FROM unnest(CAST(:run_ids AS uuid[]), CAST(:nickname_keys AS text[]))
         AS g (run_id, nickname_key)
    JOIN waiting_players w USING (run_id, nickname_key) WHERE w.declined_at IS NULL
""")
_COUNTS = text("""
    SELECT run_id, count(*) FROM waiting_players
    WHERE run_id = ANY(CAST(:run_ids AS uuid[])) AND admitted_at IS NULL AND declined_at IS NULL
      AND seen_at > :since
    GROUP BY run_id
""")
_FORGET = text("DELETE FROM waiting_players WHERE id = ANY(CAST(:ids AS uuid[]))")
_SEEN = text("""
    UPDATE waiting_players SET seen_at = :now WHERE id = ANY(CAST(:ids AS uuid[]))
""")
_ASK = text("""
    INSERT INTO waiting_players (id, run_id, nickname, nickname_key, skeleton, join_key,
                                 device_hash, asked_at, seen_at)
    SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:run_ids AS uuid[]), CAST(:nicknames AS text[]),
        CAST(:nickname_keys AS text[]), CAST(:skeletons AS text[]), CAST(:join_keys AS text[]),
        CAST(:device_hashes AS text[]), CAST(:asked_ats AS bigint[]), CAST(:asked_ats AS bigint[]))
""")
_WAITS = """
    run_id = :run_id AND admitted_at IS NULL AND declined_at IS NULL AND seen_at > :since
"""
_PAGE = text(f"""
    SELECT id, nickname, asked_at, count(*) OVER () AS total FROM waiting_players
    WHERE {_WAITS} ORDER BY asked_at, id LIMIT :limit
""")  # noqa: S608  (constants only)
_ADMIT = text(f"""
    UPDATE waiting_players SET admitted_at = :now
    WHERE {_WAITS} AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY(CAST(:ids AS uuid[])))
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
        self.new: dict[str, JoinRequest] = {}
        self.gone: list[str] = []
        self.seen: dict[str, int] = {}
        self._known: dict[str, _Entry] = {}

    def know(self, row: Row[Any]) -> None:
        """Add a stored entry."""
        waiting = Waiting(row.join_key, row.seen_at, admitted=row.admitted_at is not None)
        self._known[row.nickname_key] = _Entry(row.id, waiting)

    def under(self, nickname_key: str) -> Waiting | None:
        """Whoever waits under this nickname."""
        entry = self._known.get(nickname_key)
        return None if entry is None else entry.waiting

    def leave(self, request: JoinRequest) -> None:
        """Delete the entry of a player who is in now."""
        if entry := self._known.pop(request.nickname_key, None):
            self.gone.append(entry.id)

    def keep(self, request: JoinRequest, *, again: bool) -> None:
        """Let an applicant wait; `again` if they are in line already."""
        entry = self._known.get(request.nickname_key)
        if again and entry is not None:
            if entry.waiting.seen_at < request.joined_at - SEEN_EVERY_MS:
                self.seen[entry.id] = request.joined_at
            return
        self.leave(request)
        self.entrance.waiting += 1
        self.new[request.nickname_key] = request
        self._known[request.nickname_key] = _Entry(
            request.player_id, Waiting(request.join_key, request.joined_at)
        )


async def load(
    connection: AsyncConnection, queues: Sequence[Queue], requests: Sequence[JoinRequest]
) -> None:
    """Learn who of those who ask waits already. The runs are locked."""
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
    for run_id, count in await connection.execute(_COUNTS, counts):
        by_run[run_id].entrance.waiting = count


async def store(connection: AsyncConnection, queues: Sequence[Queue]) -> None:
    """Write what has changed."""
    gone = [id_ for queue in queues for id_ in queue.gone]
    seen = {id_: at for queue in queues for id_, at in queue.seen.items()}
    new = [request for queue in queues for request in queue.new.values()]
    if gone:
        await connection.execute(_FORGET, {"ids": gone})
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
            "asked_ats": [request.joined_at for request in new],
        }
        await connection.execute(_ASK, values)


class WaitingPlayers:
    """What a host sees and decides of those who wait."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def page(self, run_id: str, limit: int, now: int) -> tuple[list[WaitingPlayer], int]:
        """Those who wait, the first who asked first, and how many they are."""
        values = {"run_id": run_id, "limit": limit, "since": now - GONE_AFTER_MS}
        async with statements(self._engine) as connection:
            rows = (await connection.execute(_PAGE, values)).all()
        found = [WaitingPlayer(row.id, row.nickname, row.asked_at) for row in rows]
        return found, rows[0].total if rows else 0

    async def admit(self, run_id: str, player_ids: Collection[str] | None, now: int) -> int:
        """Let these in, or all who wait; how many that are. Safe to repeat."""
        ids = None if player_ids is None else [id_ for id_ in player_ids if is_id(id_)]
        values = {"run_id": run_id, "ids": ids, "now": now, "since": now - GONE_AFTER_MS}
        async with statements(self._engine) as connection:
            return (await connection.execute(_ADMIT, values)).rowcount

    async def decline(self, run_id: str, player_id: str, now: int) -> bool:
        """Turn someone away for good, as a kick does; False when there is no such entry."""
        if not is_id(player_id):
            return False
        values = {"run_id": run_id, "player_id": player_id, "now": now}
        async with statements(self._engine) as connection:
            return (await connection.execute(_DECLINE, values)).rowcount > 0
