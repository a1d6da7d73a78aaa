"""The rooms of this gateway: opened for the first socket, closed some time after the last one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

import structlog

from bus.messages import RunEvent
from db.players import Players
from db.run_state import RunStates
from gateway.live.ending import end
from gateway.live.metrics import LiveMetrics
from gateway.live.room.room import Room
from gateway.single_flight import SingleFlight
from quiz.errors import ErrorCode, QuizrunError

EVENT_CHECKS, EVENT_CHECK_S = 12, 0.025
"""An event arrives within this time after its version was stored, or was missed."""
LINGER_S = 30.0
"""How long a room is kept without sockets, since players may reconnect. It must be longer than an
answer may wait in a batch, or acknowledgements would be missing from the receipts."""

log = structlog.get_logger(__name__)


class Rooms:
    """Loads each run once, however many sockets ask for it at the same time."""

    def __init__(
        self,
        run_states: RunStates,
        players: Players,
        metrics: LiveMetrics,
        on_open: Callable[[Room], None],
        on_close: Callable[[Room], None],
        media_url: str = "",
    ) -> None:
        """`on_open` is called with a room that opens, `on_close` when it closes."""
        self._media_url = media_url
        self._run_states = run_states
        self._players = players
        self._metrics = metrics
        self._on_open = on_open
        self._on_close = on_close
        self._rooms: dict[str, Room] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._opening: SingleFlight[Room] = SingleFlight()
        self._early: dict[str, RunEvent | None] = {}
        self._when_needed: Callable[[], None] = lambda: None

    @property
    def needed(self) -> bool:
        """Whether events are needed: for a room that is open, or for one that is being opened."""
        return bool(self._rooms or self._early)

    def when_needed(self, listener: Callable[[], None]) -> None:
        """Have `listener` called when events are needed again."""
        self._when_needed = listener

    def get(self, run_id: str) -> Room | None:
        """Return the room if it is open."""
        return self._rooms.get(run_id)

    def __iter__(self) -> Iterator[Room]:
        return iter(list(self._rooms.values()))

    async def open(self, run_id: str, *, at_least: int = 0) -> Room:
        """Return the room of a run, at version `at_least` or later. Raises `not_found` or
        `unavailable`.
        """
        room = self._rooms.get(run_id)
        if room is None:
            room = await self._opening.run(run_id, lambda: self._open(run_id))
        room.seats.touch(time.monotonic())  # not closed before the newcomer is in
        if room.version < at_least:
            await self._catch_up(room, at_least)
        return room

    async def open_newest(self, run_id: str) -> Room:
        """Return the room of a run, no older than what is stored. Raises like `open`."""
        room = await self.open(run_id)
        stored = await self._run_states.load(run_id)
        if stored is not None and stored.state.version > room.version:
            await self._catch_up(room, stored.state.version)
        return room

    async def _catch_up(self, room: Room, version: int) -> None:
        """Load the run if its event does not arrive. The others in the room then get a snapshot by
        the watchdog.
        """
        for _ in range(EVENT_CHECKS):
            await asyncio.sleep(EVENT_CHECK_S)
            if room.version >= version:
                return
        if room.load(await self._run_states.load(room.run_id)):
            room.mark_stale()

    def hold_back(self, event: RunEvent) -> None:
        """Keep an event of a run whose room is opening: what is loaded may be older."""
        if event.run_id in self._early:
            before = self._early[event.run_id]
            if before is None or before.version < event.version:
                self._early[event.run_id] = event

    async def close_empty(self) -> list[str]:
        """Close the rooms that have been empty for a while. Returns their run ids."""
        before = time.monotonic() - LINGER_S
        gone = [
            room.run_id
            for room in self
            if room.seats.empty_since is not None and room.seats.empty_since < before
        ]
        for run_id in gone:
            await self._close(run_id)
        return gone

    async def close_all(self) -> None:
        """Close all rooms."""
        for run_id in list(self._rooms):
            await self._close(run_id)

    async def _open(self, run_id: str) -> Room:
        needed = self.needed
        self._early[run_id] = None
        if not needed:  # before the state is loaded: no later event may be missed
            self._when_needed()
        try:
            snapshot = await self._run_states.load(run_id)
            if snapshot is None:
                raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such run.")
            players = await self._players.count(run_id)
            extra = await self._players.extra_times(run_id)
        finally:
            early = self._early.pop(run_id, None)
        now = time.monotonic()
        room = Room(
            snapshot,
            players=players,
            now=now,
            extra_times=extra,
            media_url=self._media_url,
        )
        if early is not None:
            room.advance(early.snapshot)
        room.await_returns(now)
        self._rooms[run_id] = room
        self._tasks[run_id] = asyncio.create_task(room.jobs.run(), name=f"room-{run_id}")
        self._on_open(room)
        self._metrics.rooms.set(len(self._rooms))
        log.info(
            "room.opened",
            run_id=run_id,
            version=room.version,
            phase=room.state.phase.value,
            players=room.player_count.total,
        )
        return room

    async def _close(self, run_id: str) -> None:
        room, task = self._rooms.pop(run_id, None), self._tasks.pop(run_id, None)
        if room is not None:
            self._on_close(room)
            log.info("room.closed", run_id=run_id, version=room.version)
        if task is not None:
            await end([task])
        self._metrics.rooms.set(len(self._rooms))
