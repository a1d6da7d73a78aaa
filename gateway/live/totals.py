"""Telling workflows how many players their runs have."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from gateway.live.room import Room
from gateway.live.signals import Reporter
from quiz.run import Phase

LAST_REPORTS_S = 2.0


class PlayerTotals:
    """Reports a run's total for as long as its workflow does not seem to know it.

    Any gateway with a room of the run does so, since the one that took the last join may be gone
    and a run may start by itself at this total. In a lobby that is not full yet only those report
    that take joins: nothing depends on it.
    """

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._joined: dict[str, int] = {}
        self._accepted: dict[str, int] = {}
        self._sending: dict[str, asyncio.Task[None]] = {}

    def joined(self, run_id: str, total: int) -> None:
        """Note the total after a join on this gateway."""
        self._joined[run_id] = max(total, self._joined.get(run_id, 0))

    def look(self, room: Room) -> None:
        """Report the room's total if that is due. To be called again and again."""
        run_id, total = room.run_id, room.players
        if run_id in self._sending or not self._due(room):
            return
        task = asyncio.create_task(self._send(run_id, total), name=f"total-{run_id}")
        self._sending[run_id] = task
        task.add_done_callback(lambda _: self._sending.pop(run_id, None))

    def forget(self, run_id: str) -> None:
        """Drop a run that has no room here any more."""
        self._joined.pop(run_id, None)
        self._accepted.pop(run_id, None)

    async def flush(self, rooms: Iterable[Room]) -> None:
        """Report what is due now; for a gateway that stops."""
        for room in rooms:
            self.look(room)
        if self._sending:
            await asyncio.wait(list(self._sending.values()), timeout=LAST_REPORTS_S)

    def _due(self, room: Room) -> bool:
        state = room.state
        known = max(state.players, self._accepted.get(room.run_id, 0))
        if state.phase.over or room.players <= known:
            return False
        if state.phase is not Phase.LOBBY:
            return True
        wanted = state.settings.auto_start_players
        starts = wanted is not None and room.players >= wanted and not state.paused
        return starts or self._joined.get(room.run_id, 0) > known

    async def _send(self, run_id: str, total: int) -> None:
        if await self._reporter.players_joined(run_id, total):
            self._accepted[run_id] = total
