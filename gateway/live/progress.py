"""How far the answers to the open question have come: told to clients, to the other gateways, and
to the workflow once everyone has answered.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import structlog

from db.presence import Presence
from gateway.live import messages as m
from gateway.live.counting import NO_PICKS, Counting, Picks
from gateway.live.fanout import Fanout
from gateway.live.limits import pace_s
from gateway.live.lobby import Lobbies
from gateway.live.room import Room
from gateway.live.signals import Reporter
from telemetry.clock import now_ms

LOOK_EVERY_S = 0.25
REPORT_EVERY_S = 2.0
COUNT_EVERY_S = 0.5

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Told:
    """What was last reported and sent, so that nothing is said twice."""

    report: tuple[int, int, int, int] | None = None
    reported_at: float = float("-inf")
    seated: frozenset[str] | None = None
    progress: m.Progress | None = None
    told_at: float = float("-inf")
    host_progress: m.HostProgress | None = None
    counted_at: float = float("-inf")
    counted: int = -1
    picks: Picks | None = None
    question: int = -1
    all_answered: int = -1
    connections: int = 0


class ProgressKeeper:
    """Looks after a room for as long as it is open."""

    def __init__(
        self,
        gateway_id: str,
        presence: Presence,
        counting: Counting,
        fanout: Fanout,
        lobbies: Lobbies,
        reporter: Reporter,
    ) -> None:
        self._gateway_id = gateway_id
        self._presence = presence
        self._counting = counting
        self._fanout = fanout
        self._lobbies = lobbies
        self._reporter = reporter

    async def attend(self, room: Room) -> None:
        """Until cancelled: 4 times a second while answers come in, else every 2 s; at once when
        everyone here has answered or the question changes.
        """
        told = _Told()
        signals: set[asyncio.Task[None]] = set()
        try:
            while True:
                if not room.empty or told.connections:
                    try:
                        await self._look(room, told, signals)
                    except Exception as error:  # noqa: BLE001  (a store that is away comes back)
                        log.warning("progress unknown", run_id=room.run_id, error=repr(error))
                pause_s = LOOK_EVERY_S if room.answering else REPORT_EVERY_S
                try:
                    async with asyncio.timeout(pause_s):
                        await room.changed.wait()
                except TimeoutError:
                    continue
                room.changed.clear()
        finally:
            for task in signals:
                task.cancel()

    async def _look(self, room: Room, told: _Told, signals: set[asyncio.Task[None]]) -> None:
        question = room.state.question
        if question != told.question:
            told.question, told.counted, told.picks = question, -1, None
        await self._report(room, told)
        totals = await self._presence.totals(room.run_id, question)
        answered = len(room.answers)
        if totals is None:
            # Nobody knows what the other gateways have: the timer closes the question.
            room.connections = len(room.seats)
        else:
            room.connections = totals.connected
            answered = max(totals.answered, answered)
            everyone = 0 < totals.connected <= totals.answered_connected
            if everyone and room.all_here_answered and self._may_close(room, question, told):
                told.all_answered = question
                task = asyncio.create_task(self._reporter.all_answered(room.run_id, question))
                signals.add(task)
                task.add_done_callback(signals.discard)
        if room.connections != told.connections:
            told.connections = room.connections
            if room.hosts and not room.answering:
                self._lobbies.changed(room)
        if room.answering and room.state.question == question:
            await self._tell(room, told, answered)

    async def _report(self, room: Room, told: _Told) -> None:
        here = room.answers.keys() & room.seats.keys()
        now = time.monotonic()
        present = len(room.seats) + room.awaited(now)
        report = (room.state.question, present, len(here), room.recorded)
        if report == told.report and now - told.reported_at < REPORT_EVERY_S:
            return
        told.report, told.reported_at = report, now
        await self._presence.report(
            room.run_id,
            self._gateway_id,
            question=report[0],
            connected=report[1],
            answered_connected=report[2],
            answered=report[3],
        )
        seated = frozenset(room.seats)
        known = await self._presence.seat(room.run_id, self._gateway_id, seated, told.seated)
        told.seated = seated if known else None

    def _may_close(self, room: Room, question: int, told: _Told) -> bool:
        opens_at, shown = room.state.opens_at, room.snapshot.question
        return (
            room.answering
            and room.state.question == question
            and told.all_answered != question
            and shown is not None
            and shown.type != "slide"
            and opens_at is not None
            and now_ms() >= opens_at
        )

    async def _tell(self, room: Room, told: _Told, answered: int) -> None:
        question = room.state.question
        before = told.progress
        if before is not None and before.question == question:
            answered = max(answered, before.answered)  # a gateway's count goes when it dies
        elif answered == 0 and not room.hosts:
            return
        progress = m.Progress(question=question, answered=answered, players=room.players)
        now = time.monotonic()
        due = now - told.told_at >= pace_s(len(room.seats)) or answered >= room.connections
        if progress != before and due:
            told.told_at = now
            told.progress = progress
            self._fanout.to_players(room.run_id, progress)
        if room.hosts:
            await self._tell_hosts(room, told, progress)

    async def _tell_hosts(self, room: Room, told: _Told, progress: m.Progress) -> None:
        now = time.monotonic()
        if told.counted != progress.answered and now - told.counted_at >= COUNT_EVERY_S:
            told.counted, told.counted_at = progress.answered, now
            told.picks = await self._counting.picks(room)
        message = m.HostProgress(
            **progress.model_dump(), **(told.picks or NO_PICKS), connections=room.connections
        )
        if message != told.host_progress:
            told.host_progress = message
            self._fanout.to_hosts(room.run_id, message)
