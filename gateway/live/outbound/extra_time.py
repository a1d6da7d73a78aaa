"""Extra time: kept in step with the store, sent to players, reported to the workflow."""

from __future__ import annotations

import asyncio

from db.players import Players
from db.runs import RunHead
from gateway.live.outbound.fanout import Fanout
from gateway.live.protocol import messages as m
from gateway.live.room.room import Room
from gateway.live.workflow import Reporter
from quiz.errors import ErrorCode, QuizrunError
from quiz.extra_time import NORMAL, ExtraTime, within


class ExtraTimeSync:
    """Keeps rooms in step with the stored extra times by comparing the number of changes once a
    second: a host or another gateway may have made one. Each player hears of their own only.
    """

    def __init__(self, players: Players, fanout: Fanout, reporter: Reporter) -> None:
        self._players = players
        self._fanout = fanout
        self._reporter = reporter
        self._told: dict[str, tuple[int, int]] = {}
        self._reporting: dict[str, asyncio.Task[None]] = {}

    async def choose(self, room: Room, player_id: str, percent: int) -> ExtraTime:
        """Store the extra time that a player has chosen. Raises `forbidden` where the host has not
        allowed it.
        """
        most = room.state.settings.own_extra_time
        if most == NORMAL or not within(percent, most):
            raise QuizrunError(ErrorCode.FORBIDDEN, "The host has not allowed this much time.")
        changed = await self._players.change_extra_time(room.run_id, player_id, percent)
        room.extra_times.update(changed.players)
        self._report(room, changed.longest, changed.changes)
        return changed.players[player_id]

    def catch_up(self, room: Room, head: RunHead) -> None:
        """Load changes, and report what the workflow does not know."""
        if head.extra_time_changes != room.extra_times.changes:
            room.jobs.add(lambda: self.refresh(room))
        self._report(room, head.longest_window, head.extra_time_changes)

    async def refresh(self, room: Room) -> None:
        """Load the extra times of a room, and send players their own where it changed."""
        found = await self._players.extra_times(room.run_id)
        before = room.extra_times.replace(found)
        for player_id, seat in list(room.seats.players.items()):
            now = room.extra_times.get(player_id) or ExtraTime()
            if now != before.get(player_id, ExtraTime()):
                self._fanout.to_player(seat.sid, m.ExtraTimeChanged.of(now))

    def forget(self, run_id: str) -> None:
        """Drop a run without a room here."""
        self._told.pop(run_id, None)

    def _report(self, room: Room, longest: int, change: int) -> None:
        """Tell the workflow, once for each version that does not show it: a version may have been
        decided before the news came.
        """
        run_id, state = room.run_id, room.state
        known = change <= state.extra_time_changes or state.phase.over
        news = (change, room.version)
        if known or self._told.get(run_id) == news or run_id in self._reporting:
            return
        task = asyncio.create_task(self._send(run_id, longest, *news), name=f"extra-{run_id}")
        self._reporting[run_id] = task
        task.add_done_callback(lambda _: self._reporting.pop(run_id, None))

    async def _send(self, run_id: str, longest: int, change: int, version: int) -> None:
        if await self._reporter.extra_times(run_id, longest, change, version):
            self._told[run_id] = change, version
