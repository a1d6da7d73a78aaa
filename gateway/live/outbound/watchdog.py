"""A comparison of all rooms with the stores once a second, which finds what got lost."""

from __future__ import annotations

import asyncio

import structlog

from db.run_state import RunStates
from db.runs import KnownRun
from gateway.live.outbound.extra_time import ExtraTimeSync
from gateway.live.outbound.lobby import Lobbies
from gateway.live.outbound.resync import Resync
from gateway.live.room.registry import Rooms
from gateway.live.room.room import Room
from gateway.live.workflow import PlayerTotals

CHECK_EVERY_S = 1.0
REPAIR_ROUNDS = 10
"""Redis is asked for each room's snapshot once in this many checks."""

log = structlog.get_logger(__name__)


class Watchdog:
    """Finds rooms that are behind without a later event showing it, joins that nobody announced,
    and snapshots that Redis has missed: by one statement and one round trip for all rooms. The
    statement returns only what differs, so a room where nothing happens costs next to nothing.
    """

    def __init__(
        self,
        rooms: Rooms,
        run_states: RunStates,
        resync: Resync,
        lobbies: Lobbies,
        totals: PlayerTotals,
        extra_times: ExtraTimeSync,
    ) -> None:
        self._rooms = rooms
        self._run_states = run_states
        self._resync = resync
        self._lobbies = lobbies
        self._totals = totals
        self._extra_times = extra_times
        self._behind: dict[str, int] = {}
        self._repaired: dict[str, int] = {}
        self._round = 0

    async def run(self) -> None:
        """Run a check each second, until cancelled."""
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            try:
                await self.check()
            except Exception:
                log.exception("rooms.not_compared")

    async def check(self) -> None:
        """Resync the rooms that were behind at the last check, too, and have not moved since; the
        event of others may be on its way.
        """
        rooms = [room for room in self._rooms if not room.seats.empty]
        heads = await self._run_states.heads([_known(room) for room in rooms])
        behind: dict[str, int] = {}
        for room in rooms:
            head = heads.get(room.run_id)
            if head is not None and head.version > room.version:
                behind[room.run_id] = room.version
            if (
                head is not None
                and head.players is not None
                and room.player_count.stored(head.players)
            ):
                self._lobbies.changed(room)
            if head is not None and head.players is not None:
                self._extra_times.catch_up(room, head)
            self._totals.report_if_due(room)
            if room.stale:
                self._resync.request(room, "retry")
            elif behind.get(room.run_id, -1) == self._behind.get(room.run_id):
                self._resync.request(room, "behind")
        self._behind = behind
        await self._repair([room for room in rooms if room.run_id not in behind])

    async def _repair(self, rooms: list[Room]) -> None:
        """Write what Redis has missed: of rooms with a new version, and of a tenth of the others,
        which it may have lost.
        """
        self._round += 1
        due = [
            room
            for number, room in enumerate(rooms)
            if room.version != self._repaired.get(room.run_id)
            or (number + self._round) % REPAIR_ROUNDS == 0
        ]
        self._repaired = {room.run_id: room.version for room in rooms}
        await self._run_states.repair([room.snapshot for room in due])


def _known(room: Room) -> KnownRun:
    changes = room.extra_times.changes
    if room.state.extra_time_changes < changes:
        changes = -1  # the workflow must still be told, so the head is needed
    return KnownRun(room.run_id, room.version, room.player_count.total, changes)
