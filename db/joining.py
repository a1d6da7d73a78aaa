"""Joining a batch of players to their runs, in one transaction of five statements; two more if
hosts admit players individually (`db.waiting`).

The lock on the run's row serialises joins of a run across gateways. It makes nicknames unique,
numbers consecutive and `max_players` exact without retries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from db import waiting
from db.join_request import JoinRequest
from db.waiting import Queue
from quiz.admission import Admission, Applicant, Entrance, Holder, admit, waiting_for_host
from quiz.errors import ErrorCode, QuizrunError
from quiz.run import Phase


@dataclass(frozen=True, slots=True)
class Player:
    """A stored player, numbered in the order of joining.

    Tokens of an epoch before `token_epoch` belong to a device that the player has moved from.
    """

    id: str
    run_id: str
    number: int
    nickname: str
    score: int
    streak: int
    rank: int | None
    kicked: bool
    token_epoch: int = 0


@dataclass(frozen=True, slots=True)
class Joined:
    """A player who has joined, and the resulting number of players in the run."""

    player: Player
    players: int


_LOCK_RUNS = text("""
    SELECT id, phase, locked, players, joined, finished_at IS NOT NULL AS over,
           (settings ->> 'max_players')::integer AS max_players,
           (settings ->> 'late_join')::boolean AS late_join,
           coalesce((settings ->> 'approve_players')::boolean, false) AS approve
    FROM runs WHERE id = ANY(CAST(:run_ids AS uuid[])) ORDER BY id FOR NO KEY UPDATE
""")
_EXISTING = text("""
    SELECT p.id, p.run_id, p.number, p.nickname, p.nickname_key, p.looks, p.join_key,
           p.score, p.streak, p.rank, p.kicked_at IS NOT NULL AS kicked, p.token_epoch
    FROM unnest(CAST(:run_ids AS uuid[]), CAST(:nickname_keys AS text[])) AS g (run_id, key)
    JOIN players p ON p.run_id = g.run_id AND p.nickname_key = g.key AND p.kicked_at IS NULL
    UNION
    SELECT p.id, p.run_id, p.number, p.nickname, p.nickname_key, p.looks, p.join_key,
           p.score, p.streak, p.rank, p.kicked_at IS NOT NULL AS kicked, p.token_epoch
    FROM unnest(CAST(:run_ids AS uuid[]), CAST(:looks AS text[])) AS g (run_id, looks)
    JOIN players p ON p.run_id = g.run_id AND p.looks = g.looks AND p.kicked_at IS NULL
    UNION
    SELECT p.id, p.run_id, p.number, p.nickname, p.nickname_key, p.looks, p.join_key,
           p.score, p.streak, p.rank, p.kicked_at IS NOT NULL AS kicked, p.token_epoch
    FROM players p WHERE p.id = ANY(CAST(:player_ids AS uuid[]))
""")
_REMOVED = text("""
    WITH given AS (
        SELECT * FROM unnest(
            CAST(:run_ids AS uuid[]), CAST(:skeletons AS text[]), CAST(:device_hashes AS text[])
        ) AS g (run_id, skeleton, device_hash)
    )
    SELECT p.run_id, p.skeleton, device.hash FROM given g JOIN players p
      ON p.run_id = g.run_id AND p.kicked_at IS NOT NULL
     AND (p.skeleton = g.skeleton
          OR g.device_hash = ANY(array_append(p.left_devices, p.device_hash)))
    CROSS JOIN unnest(array_append(p.left_devices, p.device_hash)) AS device (hash)
    UNION
    SELECT w.run_id, w.skeleton, w.device_hash FROM given g JOIN waiting_players w
      ON w.run_id = g.run_id AND w.declined_at IS NOT NULL
     AND (w.skeleton = g.skeleton OR w.device_hash = g.device_hash)
""")
_INSERT = text("""
    INSERT INTO players (id, run_id, number, nickname, nickname_key, join_key, joined_at,
                         skeleton, looks, device_hash)
    SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:run_ids AS uuid[]), CAST(:numbers AS integer[]),
        CAST(:nicknames AS text[]), CAST(:nickname_keys AS text[]), CAST(:join_keys AS text[]),
        CAST(:joined_ats AS bigint[]), CAST(:skeletons AS text[]), CAST(:looks AS text[]),
        CAST(:device_hashes AS text[]))
""")
_COUNT = text("""
    UPDATE runs SET players = g.players, joined = g.joined
    FROM unnest(CAST(:run_ids AS uuid[]), CAST(:players AS integer[]), CAST(:joined AS integer[]))
         AS g (run_id, players, joined)
    WHERE runs.id = g.run_id
""")


@dataclass(frozen=True, slots=True)
class _Known:
    """An existing player that a request may refer to."""

    player: Player
    holder: Holder


class _Room:
    """A locked run while a batch of joins is decided."""

    def __init__(self, row: Row[Any]) -> None:
        phase = Phase(row.phase)
        self.id: str = row.id
        self.entrance = Entrance(
            phase=phase,
            over=row.over or phase.over,
            locked=row.locked,
            late_join=row.late_join,
            players=row.players,
            max_players=row.max_players,
            approve=row.approve,
        )
        self.joined: int = row.joined
        self.by_nickname: dict[str, _Known] = {}
        self.by_looks: dict[str, _Known] = {}
        self.by_id: dict[str, _Known] = {}
        self.new: list[tuple[JoinRequest, int]] = []
        self.removed_names: set[str] = set()
        self.removed_devices: set[str] = set()
        self.queue = Queue(row.id, self.entrance)

    def add_known(
        self, nickname_key: str, looks: str | None, player: Player, join_key: str | None
    ) -> None:
        known = _Known(player, Holder(join_key, player.kicked))
        self.by_id[player.id] = known
        if not player.kicked:
            self.by_nickname[nickname_key] = known
            if looks is not None:
                self.by_looks[looks] = known

    def admit(self, request: JoinRequest) -> Player:
        """Return the player of `request`. Raises the refusal."""
        own = self.by_id.get(request.player_id)
        namesake = self.by_nickname.get(request.nickname_key)
        if namesake is None and request.looks is not None:
            namesake = self.by_looks.get(request.looks)
        who = Applicant(
            key=request.join_key,
            asked_at=request.joined_at,
            own=None if own is None else own.holder,
            namesake=None if namesake is None else namesake.holder,
            waiting=self.queue.find(request.nickname_key),
            removed=request.skeleton in self.removed_names
            or request.device_hash in self.removed_devices,
        )
        admission = admit(self.entrance, who)
        known = own or namesake
        if admission is Admission.SAME_PLAYER and known is not None:
            return known.player
        if admission is Admission.WAITING:
            self.queue.wait(request, again=who.is_waiting)
            raise waiting_for_host()
        return self._add(request)

    def _add(self, request: JoinRequest) -> Player:
        self.queue.leave(request)
        self.entrance.players += 1
        self.joined += 1
        player = Player(
            request.player_id, self.id, self.joined, request.nickname, 0, 0, None, kicked=False
        )
        self.add_known(request.nickname_key, request.looks, player, request.join_key)
        self.new.append((request, player.number))
        return player


async def join(
    connection: AsyncConnection, requests: Sequence[JoinRequest]
) -> list[Joined | QuizrunError]:
    """See `Players.join_batch`; `connection` is in a transaction."""
    run_ids = sorted({request.run_id for request in requests})
    locked = await connection.execute(_LOCK_RUNS, {"run_ids": run_ids})
    rooms = {row.id: _Room(row) for row in locked}
    # After the lock, so that it sees all players who joined before.
    existing = await connection.execute(
        _EXISTING,
        {
            "run_ids": [request.run_id for request in requests],
            "nickname_keys": [request.nickname_key for request in requests],
            "looks": [request.looks for request in requests],
            "player_ids": [request.player_id for request in requests],
        },
    )
    for row in existing:
        if room := rooms.get(row.run_id):
            player = Player(
                id=row.id,
                run_id=row.run_id,
                number=row.number,
                nickname=row.nickname,
                score=row.score,
                streak=row.streak,
                rank=row.rank,
                kicked=row.kicked,
                token_epoch=row.token_epoch,
            )
            room.add_known(row.nickname_key, row.looks, player, row.join_key)
    await _load_removed(connection, rooms, requests)
    queues = [room.queue for room in rooms.values() if room.entrance.approve]
    await waiting.load(connection, queues, requests)
    outcomes = [_admit(rooms, request) for request in requests]
    await waiting.store(connection, queues)
    await _store(connection, [room for room in rooms.values() if room.new])
    # All get the total after the batch, which is what was committed.
    return [
        outcome
        if isinstance(outcome, QuizrunError)
        else Joined(outcome, rooms[outcome.run_id].entrance.players)
        for outcome in outcomes
    ]


async def _load_removed(
    connection: AsyncConnection, rooms: Mapping[str, _Room], requests: Sequence[JoinRequest]
) -> None:
    values = {
        "run_ids": [request.run_id for request in requests],
        "skeletons": [request.skeleton for request in requests],
        "device_hashes": [request.device_hash for request in requests],
    }
    for run_id, skeleton, device_hash in await connection.execute(_REMOVED, values):
        if room := rooms.get(run_id):
            room.removed_names |= {skeleton} - {None}
            room.removed_devices |= {device_hash} - {None}


def _admit(rooms: Mapping[str, _Room], request: JoinRequest) -> Player | QuizrunError:
    room = rooms.get(request.run_id)
    if room is None:
        return QuizrunError(ErrorCode.PIN_UNKNOWN, "There is no quiz with this PIN.")
    try:
        return room.admit(request)
    except QuizrunError as refusal:
        return refusal


async def _store(connection: AsyncConnection, rooms: Sequence[_Room]) -> None:
    new = [(room, request, number) for room in rooms for request, number in room.new]
    if not new:
        return
    await connection.execute(
        _INSERT,
        {
            "ids": [request.player_id for _, request, _ in new],
            "run_ids": [room.id for room, _, _ in new],
            "numbers": [number for _, _, number in new],
            "nicknames": [request.nickname for _, request, _ in new],
            "nickname_keys": [request.nickname_key for _, request, _ in new],
            "join_keys": [request.join_key for _, request, _ in new],
            "joined_ats": [request.joined_at for _, request, _ in new],
            "skeletons": [request.skeleton for _, request, _ in new],
            "looks": [request.looks for _, request, _ in new],
            "device_hashes": [request.device_hash for _, request, _ in new],
        },
    )
    await connection.execute(
        _COUNT,
        {
            "run_ids": [room.id for room in rooms],
            "players": [room.entrance.players for room in rooms],
            "joined": [room.joined for room in rooms],
        },
    )
