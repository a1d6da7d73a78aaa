"""Joining a batch of players to their runs, in one transaction of six statements; two more if
hosts admit players individually (`db.waiting`), and more if seats are freed (`db.seating`).

The lock on the run's row serialises joins of a run across gateways. It makes nicknames unique,
numbers consecutive and `max_players` exact without retries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from db import seating, waiting
from db.join_request import JoinRequest
from db.locked_run import Joined, LockedRun, Player
from quiz.errors import ErrorCode, QuizrunError
from quiz.safety import SEATS_PER_NETWORK

_LOCK_RUNS = text("""
    SELECT id, phase, locked, players, joined, finished_at IS NOT NULL AS over,
           (settings ->> 'max_players')::integer AS max_players,
           (settings ->> 'late_join')::boolean AS late_join,
           coalesce((settings ->> 'approve_players')::boolean, false) AS approve,
           coalesce((settings ->> 'seats_per_network')::integer, :seats_per_network)
               AS seats_per_network
    FROM runs WHERE id = ANY(CAST(:run_ids AS uuid[])) ORDER BY id FOR NO KEY UPDATE
""")
_SELECT_PLAYER = """
    SELECT p.id, p.run_id, p.number, p.nickname, p.nickname_key, p.looks, p.join_key,
           p.score, p.streak, p.rank, p.kicked_at IS NOT NULL AS kicked, p.token_epoch,
           p.left_at IS NOT NULL AS has_left
"""
_EXISTING = text(f"""
    {_SELECT_PLAYER}
    FROM unnest(CAST(:run_ids AS uuid[]), CAST(:nickname_keys AS text[])) AS g (run_id, key)
    JOIN players p ON p.run_id = g.run_id AND p.nickname_key = g.key AND p.kicked_at IS NULL
    UNION
    {_SELECT_PLAYER}
    FROM unnest(CAST(:run_ids AS uuid[]), CAST(:looks AS text[])) AS g (run_id, looks)
    JOIN players p ON p.run_id = g.run_id AND p.looks = g.looks AND p.kicked_at IS NULL
    UNION
    {_SELECT_PLAYER}
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
                         skeleton, looks, device_hash, network_hash)
    SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:run_ids AS uuid[]), CAST(:numbers AS integer[]),
        CAST(:nicknames AS text[]), CAST(:nickname_keys AS text[]), CAST(:join_keys AS text[]),
        CAST(:joined_ats AS bigint[]), CAST(:skeletons AS text[]), CAST(:looks AS text[]),
        CAST(:device_hashes AS text[]), CAST(:network_hashes AS text[]))
""")
_COUNT = text("""
    UPDATE runs SET players = g.players, joined = g.joined
    FROM unnest(CAST(:run_ids AS uuid[]), CAST(:players AS integer[]), CAST(:joined AS integer[]))
         AS g (run_id, players, joined)
    WHERE runs.id = g.run_id
""")


async def join(
    connection: AsyncConnection, requests: Sequence[JoinRequest]
) -> list[Joined | QuizrunError]:
    """See `Players.join_batch`; `connection` is in a transaction."""
    run_ids = sorted({request.run_id for request in requests})
    values = {"run_ids": run_ids, "seats_per_network": SEATS_PER_NETWORK}
    locked = await connection.execute(_LOCK_RUNS, values)
    rooms = {row.id: LockedRun(row) for row in locked}
    for (run_id, network_hash), count in (await seating.neighbours(connection, requests)).items():
        if room := rooms.get(run_id):
            room.neighbours[network_hash] = count
    for room in rooms.values():
        asking = [request for request in requests if request.run_id == room.id]
        await room.make_room(connection, asking)
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
            if row.has_left:
                room.left.add(row.id)
    await _load_removed(connection, rooms, requests)
    queues = [room.queue for room in rooms.values() if room.entrance.approve]
    await waiting.load(connection, queues, requests)
    outcomes = [_admit(rooms, request) for request in requests]
    await waiting.store(connection, queues)
    if back := [player_id for room in rooms.values() for player_id in room.back]:
        await seating.back(connection, back)
    await _store(connection, [room for room in rooms.values() if room.new or room.freed])
    return [
        outcome if isinstance(outcome, QuizrunError) else rooms[outcome.run_id].told(outcome)
        for outcome in outcomes
    ]


async def _load_removed(
    connection: AsyncConnection, rooms: Mapping[str, LockedRun], requests: Sequence[JoinRequest]
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


def _admit(rooms: Mapping[str, LockedRun], request: JoinRequest) -> Player | QuizrunError:
    room = rooms.get(request.run_id)
    if room is None:
        return QuizrunError(ErrorCode.PIN_UNKNOWN, "There is no quiz with this PIN.")
    try:
        return room.admit(request)
    except QuizrunError as refusal:
        return refusal


async def _store(connection: AsyncConnection, rooms: Sequence[LockedRun]) -> None:
    new = [(room, request, number) for room in rooms for request, number in room.new]
    if new:
        await _insert(connection, new)
    if rooms:
        await connection.execute(
            _COUNT,
            {
                "run_ids": [room.id for room in rooms],
                "players": [room.entrance.players for room in rooms],
                "joined": [room.joined for room in rooms],
            },
        )


async def _insert(
    connection: AsyncConnection, new: Sequence[tuple[LockedRun, JoinRequest, int]]
) -> None:
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
            "network_hashes": [request.network_hash for _, request, _ in new],
        },
    )
