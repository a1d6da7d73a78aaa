"""The progress of answers to the open question: sent to clients, shared with other gateways, and
reported to the workflow once everyone has answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from db.presence import FRESH_S, Presence, PresenceReport, PresenceTotals, Seating
from gateway.live.outbound.counting import NO_PICKS, AnswerCounts, Picks
from gateway.live.outbound.fanout import Fanout
from gateway.live.outbound.lobby import Lobbies
from gateway.live.protocol import messages as m
from gateway.live.room.early_closing import awaited, done
from gateway.live.room.room import Room
from gateway.live.workflow import Reporter
from telemetry.clock import now_ms

UPDATE_EVERY_S = 0.5
"""Half as often as allowed: in a small room, progress costs as much as the answers (ADR 50)."""
REPORT_EVERY_S = 2.0
QUIET_REPORT_EVERY_S = 10
"""The same for rooms where little depends on it (`_Watched.quiet`). If this gateway dies, others
count its players there for longer by this time."""
REMIND_EVERY_S = 2.0
"""How often the workflow is told that all have answered, until it closes the question."""
COUNT_EVERY_S = 0.5
MANY_QUEUED = 100
"""Answers waiting to be stored: some milliseconds of work."""
GIVE_WAY_S = 1.0
PAUSE_S = 0.025
"""The pause between two rounds, so that changes in between are handled together."""

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Watched:
    """A room, when it is due, and what was last sent, so that nothing is sent twice."""

    room: Room
    due_at: float = float("-inf")
    seated: frozenset[str] | None = None
    seated_at: float = float("-inf")
    progress: m.Progress | None = None
    told_at: float = float("-inf")
    gave_way: tuple[int, float] | None = None
    host_progress: m.HostProgress | None = None
    counted_at: float = float("-inf")
    counted: int = -1
    picks: Picks | None = None
    question: int = -1
    reported: tuple[int, float] = (-1, 0.0)
    """The version in which all had answered, and when the workflow was told (monotonic)."""
    connections: int = 0
    reporting: asyncio.Task[bool] | None = None

    @property
    def attended(self) -> bool:
        """Whether anybody is connected, here or elsewhere; else there is nobody to tell."""
        return not self.room.seats.empty or bool(self.connections)

    @property
    def quiet(self) -> bool:
        """Whether no question is near, and no host here sees how many are connected."""
        return not self.room.under_way and not self.room.seats.hosts

    @property
    def pause_s(self) -> float:
        """The time between two reports."""
        if self.room.answering:
            return UPDATE_EVERY_S
        return QUIET_REPORT_EVERY_S if self.quiet else REPORT_EVERY_S

    @property
    def ahead_s(self) -> int:
        """By how much a report must hold longer than usual."""
        return QUIET_REPORT_EVERY_S if self.quiet else 0


class ProgressTracker:
    """Follows all rooms of this gateway, in rounds: each round asks Redis once, for all rooms due.

    `queued` returns how many answers wait to be stored.
    """

    def __init__(
        self,
        gateway_id: str,
        presence: Presence,
        counts: AnswerCounts,
        fanout: Fanout,
        lobbies: Lobbies,
        reporter: Reporter,
        queued: Callable[[], int],
    ) -> None:
        self._gateway_id = gateway_id
        self._presence = presence
        self._counts = counts
        self._fanout = fanout
        self._lobbies = lobbies
        self._reporter = reporter
        self._queued = queued
        self._watched: dict[str, _Watched] = {}
        self._wake = asyncio.Event()
        self._blind_at = float("-inf")
        """When Redis last failed (monotonic): other gateways may not have reported to it since."""

    def watch(self, room: Room) -> None:
        """Follow a room from now on."""
        watched = self._watched[room.run_id] = _Watched(room)

        def update_soon() -> None:
            watched.due_at = float("-inf")
            self._wake.set()

        room.subscribe(update_soon)

    def unwatch(self, room: Room) -> None:
        """Stop following a room."""
        watched = self._watched.pop(room.run_id, None)
        if watched is not None and watched.reporting is not None:
            watched.reporting.cancel()

    async def run(self) -> None:
        """Run rounds until cancelled: each room is due twice a second while answers come in, else
        every 2 s, or every 10 s in lobbies; at once when somebody comes or leaves, everyone here
        has answered or the question changes. Without rooms there are no rounds.
        """
        while True:
            try:
                await self._round(time.monotonic())
            except Exception:
                log.exception("room.progress_unknown")
            await asyncio.sleep(PAUSE_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._rest_s(time.monotonic())):
                    await self._wake.wait()

    def _rest_s(self, now: float) -> float | None:
        """Return how long nothing is due. No less than the time between updates, so that a round
        serves many rooms; None where nothing will be due before `_wake`.
        """
        due_at = min((one.due_at for one in self._watched.values() if one.attended), default=None)
        return None if due_at is None else max(due_at - now, UPDATE_EVERY_S - PAUSE_S)

    async def _round(self, now: float) -> None:
        self._wake.clear()
        due = self._due(now)
        if not due:
            return
        for one in due:
            # A little early, so that the time a round takes does not make it miss a tick.
            one.due_at = now + one.pause_s - PAUSE_S
        reports = [_report(one, now) for one in due]
        totals = await self._presence.exchange(self._gateway_id, reports)
        if totals is None:
            self._blind_at = time.monotonic()
        known: Sequence[PresenceTotals | None] = totals or [None] * len(due)
        for one, report, total in zip(due, reports, known, strict=True):
            try:
                self._update(one, report.question, total)
            except Exception:
                log.exception("room.progress_not_told", run_id=one.room.run_id)
        await self._seat([one for one in due if _seats_due(one, now)])

    def _due(self, now: float) -> list[_Watched]:
        """Return the rooms that are due. In those where nobody answers it may be a little early, so
        that all of them soon share a round.
        """
        attended = [one for one in self._watched.values() if one.attended]
        due = [one for one in attended if one.due_at <= now]
        if not due or any(one.room.answering for one in due):
            return due
        soon = now + REPORT_EVERY_S / 2
        return [one for one in attended if one.due_at <= soon and not one.room.answering]

    async def _seat(self, watched: Sequence[_Watched]) -> None:
        """Publish who is connected here, for hosts who ask another gateway."""
        if not watched:
            return
        now = time.monotonic()
        seatings = [
            Seating(one.room.run_id, frozenset(one.room.seats.players), one.seated, one.ahead_s)
            for one in watched
        ]
        told = await self._presence.seat(self._gateway_id, seatings)
        for one, seating, known in zip(watched, seatings, told, strict=True):
            one.seated, one.seated_at = (seating.players if known else None), now

    def _update(self, watched: _Watched, question: int, totals: PresenceTotals | None) -> None:
        room = watched.room
        answered = len(room.answers)
        if totals is None:
            # Without the other gateways' numbers only the timer closes the question.
            room.set_connections(len(room.seats.players))
        else:
            room.set_connections(totals.connected)
            answered = max(totals.answered, answered)
            everyone = 0 < totals.connected <= totals.answered_connected and (
                answered >= room.player_count.total or self._sees_all(room, totals)
            )
            if (
                everyone
                and len(done(room, now_ms())) == len(room.seats.players)
                and _may_close(room, question)
            ):
                self._report_all_answered(watched, question)
        if room.connections != watched.connections:
            watched.connections = room.connections
            if room.seats.hosts and not room.answering:
                self._lobbies.changed(room)
        if room.answering and room.state.question == question:
            self._send(watched, answered)

    def _sees_all(self, room: Room, totals: PresenceTotals) -> bool:
        """Whether all who are connected to any gateway, or about to be, are counted."""
        now = time.monotonic()
        return totals.complete and now >= max(room.settled_at, self._blind_at + FRESH_S)

    def _report_all_answered(self, watched: _Watched, question: int) -> None:
        """Report it repeatedly: the workflow may have missed it, or could not close yet."""
        version, now = watched.room.version, time.monotonic()
        reported_version, reported_at = watched.reported
        if watched.reporting is not None and not watched.reporting.done():
            return
        if version == reported_version and now - reported_at < REMIND_EVERY_S:
            return
        watched.reported = version, now
        if version != reported_version:
            log.info(
                "question.all_answered",
                run_id=watched.room.run_id,
                version=version,
                question=question,
                answered=len(watched.room.answers),
            )
        signal = self._reporter.all_answered(watched.room.run_id, question, version)
        watched.reporting = asyncio.create_task(signal)

    def _send(self, watched: _Watched, answered: int) -> None:
        room = watched.room
        question = room.state.question
        before = watched.progress
        if before is not None and before.question == question:
            answered = max(answered, before.answered)  # a gateway that dies takes its count along
        elif answered == 0 and not room.seats.hosts:
            return
        progress = m.Progress(question=question, answered=answered, players=room.player_count.total)
        now = time.monotonic()
        # A little early, for the same reason as the rounds.
        since_s = now - watched.told_at + PAUSE_S
        due = since_s >= self._fanout.pace_s() or answered >= room.connections
        gives_way = self._gives_way(watched, question, now)
        if progress != before and due and not gives_way:
            watched.told_at = now
            watched.progress = progress
            self._fanout.to_players(room.run_id, progress)
        if room.seats.hosts:
            room.jobs.add(lambda: self._send_to_hosts(watched, progress))

    def _gives_way(self, watched: _Watched, question: int, now: float) -> bool:
        """Whether progress waits because players wait for acknowledgements, which matter more. For
        `GIVE_WAY_S` at most: a gateway at its limit may have a long queue all the time.
        """
        if self._queued() <= MANY_QUEUED:
            watched.gave_way = None
            return False
        if watched.gave_way is None or watched.gave_way[0] != question:
            watched.gave_way = question, now
        return now - watched.gave_way[1] < GIVE_WAY_S

    async def _send_to_hosts(self, watched: _Watched, progress: m.Progress) -> None:
        room, now = watched.room, time.monotonic()
        if not room.answering or room.state.question != progress.question:
            return  # closed while this waited for its turn
        if watched.question != progress.question:
            watched.question, watched.counted, watched.picks = progress.question, -1, None
        if watched.counted != progress.answered and now - watched.counted_at >= COUNT_EVERY_S:
            watched.counted, watched.counted_at = progress.answered, now
            watched.picks = await self._counts.picks(room)
        message = m.HostProgress(
            **progress.model_dump(), **(watched.picks or NO_PICKS), connections=room.connections
        )
        if message != watched.host_progress:
            watched.host_progress = message
            self._fanout.to_hosts(room.run_id, message)


def _seats_due(watched: _Watched, now: float) -> bool:
    if watched.quiet:
        return True
    pause_s = REPORT_EVERY_S if watched.room.answering else REPORT_EVERY_S / 2  # see `_due`
    return now - watched.seated_at >= pause_s - PAUSE_S


def _report(watched: _Watched, now: float) -> PresenceReport:
    room = watched.room
    return PresenceReport(
        run_id=room.run_id,
        question=room.state.question,
        connected=len(room.seats.players) + awaited(room, now),
        answered_connected=len(done(room, now_ms())),
        answered=room.acknowledged.get(room.question, 0),
        ahead_s=watched.ahead_s,
    )


def _may_close(room: Room, question: int) -> bool:
    opens_at, shown = room.state.opens_at, room.snapshot.question
    return (
        room.answering
        and room.state.question == question
        and shown is not None
        and shown.type != "slide"
        and opens_at is not None
        and now_ms() >= opens_at
    )
