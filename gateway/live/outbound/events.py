"""From run events to messages: what each kind of event means for the clients of a room."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import structlog

from bus.messages import LiveMessage, PlayersJoinedEvent, RoomChanged, RunEvent
from gateway.live.metrics import LiveMetrics
from gateway.live.outbound.fanout import Fanout
from gateway.live.outbound.lobby import Lobbies
from gateway.live.outbound.resync import Resync
from gateway.live.outbound.room_changes import RoomChanges
from gateway.live.outbound.snapshots import own_outcome, own_result
from gateway.live.protocol import messages as m
from gateway.live.protocol import views
from gateway.live.room.jobs import Job
from gateway.live.room.loader import PlayerLoader
from gateway.live.room.registry import Rooms
from gateway.live.room.room import EventOrder, Room
from gateway.live.room.seats import Seat
from quiz.errors import QuizrunError
from quiz.run import Phase, RunState
from quiz.snapshot import RunSnapshot
from telemetry.clock import now_ms

T = TypeVar("T")

RETRIES_S = (0.1, 0.3, 1.0)
PATIENCE_S = 4.0
"""How long players wait for a reveal because their own parts cannot be loaded."""

log = structlog.get_logger(__name__)


class Dispatcher:
    """Takes events in at once, so that the next answer is judged by them, and sends what follows
    from them in their order, by the room's worker.
    """

    def __init__(
        self,
        rooms: Rooms,
        fanout: Fanout,
        loader: PlayerLoader,
        lobbies: Lobbies,
        resync: Resync,
        metrics: LiveMetrics,
        changes: RoomChanges,
    ) -> None:
        self._rooms = rooms
        self._fanout = fanout
        self._loader = loader
        self._lobbies = lobbies
        self._resync = resync
        self._metrics = metrics
        self._changes = changes

    def on_event(self, event: LiveMessage) -> None:
        """What the consumer calls. Events of runs without a room here are none of our business."""
        room = self._rooms.get(event.run_id)
        if isinstance(event, PlayersJoinedEvent):
            if room is not None:
                self._lobbies.joined(room, event)
                if room.player_count.joined(event.total):
                    room.jobs.add(lambda: self._count_again(room))
            return
        if isinstance(event, RoomChanged):
            if room is not None:
                room.jobs.add(lambda: self._changes.follow(room, event))
            return
        if room is None:
            self._rooms.hold_back(event)
            return
        before = room.version
        order = room.advance(event.snapshot)
        if order is EventOrder.KNOWN:
            return
        room.notify()
        if order is EventOrder.GAP:
            missed = event.version - before - 1
            log.info("room.gap", run_id=room.run_id, version=event.version, missed=missed)
            self._resync.request(room, "gap")
            return
        self._announce(room, event)

    def _announce(self, room: Room, event: RunEvent) -> None:
        snapshot, player_id = event.snapshot, event.player_id
        # Only who is here now: those who come later get a snapshot that has it all.
        seats = list(room.seats.players.values())
        match event.type:
            case "question.closed":
                _send(room, event, lambda: self._reveal(room, snapshot, seats))
            case "run.finished":
                _send(room, event, lambda: self._finish(room, snapshot, seats))
            case "player.kicked" if player_id is not None:
                room.jobs.add(lambda: self._kick(room, player_id))
            case "run.locked" | "run.unlocked" | "run.expiring":
                room.jobs.add(lambda: self._resync.tell_hosts(room))
            case "run.configured":
                message = m.Settings(settings=views.player_settings(snapshot.state.settings))
                _send(room, event, partial(self._tell_players, room, message))
                room.jobs.add(lambda: self._resync.tell_hosts(room))
            case _:
                phones = public_messages(event, room.media_url, phone=True)
                for phone, host in zip(phones, public_messages(event, room.media_url), strict=True):
                    _send(room, event, partial(self._tell_all, room, phone, host))
                state = snapshot.state
                if event.type == "question.opened" and seats and not state.paused:
                    _send(room, event, partial(self._note_skew, state))

    async def _tell_players(self, room: Room, message: m.Sent) -> None:
        self._fanout.to_players(room.run_id, message)

    async def _tell_all(self, room: Room, phone: m.Sent, host: m.Sent) -> None:
        if phone == host:
            await self._fanout.to_all(room.run_id, host)
            return
        self._fanout.to_players(room.run_id, phone)
        self._fanout.to_hosts(room.run_id, host)
        await asyncio.sleep(0)

    async def _reveal(self, room: Room, snapshot: RunSnapshot, seats: list[Seat]) -> None:
        if snapshot.reveal is None:
            log.error("room.reveal_without_solution", run_id=room.run_id)
            return
        question = snapshot.reveal.question
        ids = [seat.player_id for seat in seats]
        await self._retried(lambda: self._loader.refresh_standings(room))
        results = await self._retried(lambda: self._loader.results(room, question, ids)) or {}
        if not room.ranked:
            results = {}
        own_parts = {
            player_id: own_result(room, snapshot.question, player_id, result)
            for player_id, result in results.items()
            if views.was_asked(snapshot.state, result)
        }
        if ids and not own_parts:
            room.mark_stale()  # a snapshot tells them once it can be loaded
        shown = (snapshot.reveal, snapshot.state, snapshot.question)
        message = m.Reveal(**views.reveal_fields(*shown))
        await self._fanout.with_own_parts(
            m.Reveal(**views.reveal_fields(*shown, phone=True)),
            ((seat.sid, own_parts.get(seat.player_id)) for seat in seats),
        )
        self._fanout.to_hosts(room.run_id, message)
        if seats and snapshot.state.over_at is not None:
            self._metrics.reveal_delay.observe((now_ms() - snapshot.state.over_at) / 1000)

    async def _note_skew(self, state: RunState) -> None:
        """Measure a question whose sockets have all been written to."""
        if state.opens_at is not None:
            self._metrics.question_skew.observe((now_ms() - state.opens_at) / 1000)

    async def _finish(self, room: Room, snapshot: RunSnapshot, seats: list[Seat]) -> None:
        if snapshot.outcome is None:
            log.error("room.end_without_outcome", run_id=room.run_id)
            return
        await self._retried(lambda: self._loader.refresh_standings(room))
        outcome, state = snapshot.outcome, snapshot.state
        message = m.Finished(**views.outcome_fields(outcome, state))
        if not room.ranked:
            room.mark_stale()  # rather nothing than how they stood before the last question
        known = room.ranked
        await self._fanout.with_own_parts(
            m.Finished(**views.outcome_fields(outcome, state, phone=True)),
            ((seat.sid, own_outcome(room, seat) if known else None) for seat in seats),
        )
        self._fanout.to_hosts(room.run_id, message)

    async def _kick(self, room: Room, player_id: str) -> None:
        seat = room.seats.get(player_id)
        if seat is not None:
            await self._resync.kick(seat)
        # Totals that are still on their way were true before.
        room.player_count.removed()
        await self._retried(lambda: self._loader.recount(room))
        name = await self._retried(lambda: self._changes.name_of(player_id))
        if name is None:
            self._lobbies.changed(room)
        else:
            self._lobbies.removed(room, name)

    async def _count_again(self, room: Room) -> None:
        await self._retried(lambda: self._loader.recount(room))
        self._lobbies.changed(room)

    async def _retried(self, load: Callable[[], Awaitable[T]]) -> T | None:
        """Call `load` with retries, for up to `PATIENCE_S`; None when all of them failed."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                for wait_s in (*RETRIES_S, None):
                    try:
                        return await load()
                    except (QuizrunError, OSError) as error:
                        log.warning("room.personal_part_not_loaded", error=error)
                    if wait_s is not None:
                        await asyncio.sleep(wait_s)
        except TimeoutError:
            log.warning("room.personal_part_not_loaded", reason="timeout")
        return None


def _send(room: Room, event: RunEvent, job: Job) -> None:
    """Carry out `job` in its turn, unless a snapshot has told everyone something newer by then."""

    async def send() -> None:
        if event.version > room.told_version:
            await job()

    room.jobs.add(send)


def public_messages(event: RunEvent, media_url: str = "", *, phone: bool = False) -> list[m.Sent]:
    """What hosts, or players by `phone`, are told of an event that concerns all of them alike.

    `question.closing` says nothing: it moves the `closes_at` that answers are judged by, and
    clients hear of it by the reveal.
    """
    state = event.snapshot.state
    match event.type:
        case "run.starting" if state.deadline_at is not None:
            return [m.Starting(starts_at=state.deadline_at)]
        case "question.opened" if state.paused:
            return [views.question_message(event.snapshot, media_url, phone=phone), _paused(state)]
        case "question.opened":
            return [views.question_message(event.snapshot, media_url, phone=phone)]
        case "standings.shown" | "standings.hidden":
            return [views.standings_message(event.snapshot, phone=phone)]
        case "break.started" if state.break_ends_at is not None:
            return [m.RoundBreak(**views.break_fields(state, state.break_ends_at))]
        case "run.paused":
            return [_paused(state)]
        case "run.resumed":
            return [_resumed(state)]
        case "run.cancelled":
            return [m.Closed(reason="cancelled")]
        case _:
            return []


def _paused(state: RunState) -> m.Paused:
    reading = {"reading": True} if state.paused_reading else {}
    return m.Paused(phase=state.phase, **views.time_left(state), **reading)


def _resumed(state: RunState) -> m.Resumed:
    open_question = state.phase is Phase.QUESTION
    fields: dict[str, Any] = {
        "phase": state.phase,
        "closes_at": state.closes_at if open_question else None,
        "paused_ms": state.paused_ms if open_question else 0,
    }
    if state.phase is Phase.STARTING and state.deadline_at is not None:
        fields["starts_at"] = state.deadline_at
    if state.break_ends_at is not None:
        fields["break_ends_at"] = state.break_ends_at
    return m.Resumed(**fields)
