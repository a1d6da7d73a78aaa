"""Run events from the bus: taken in at once, and sent to a room's clients in order."""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog

from bus.messages import LiveMessage, PlayersJoinedEvent, RoomChanged, RunEvent
from gateway.live.metrics import LiveMetrics
from gateway.live.outbound.fanout import Fanout
from gateway.live.outbound.lobby import Lobbies
from gateway.live.outbound.resync import Resync
from gateway.live.outbound.reveals import Reveals
from gateway.live.outbound.room_changes import RoomChanges
from gateway.live.protocol import messages as m
from gateway.live.protocol import views
from gateway.live.room.registry import Rooms
from gateway.live.room.room import EventOrder, Room
from quiz.run import Phase, RunState
from telemetry.clock import now_ms

log = structlog.get_logger(__name__)


class RunEvents:
    """Advances rooms by events, so that the next answer is judged by them, and broadcasts what
    follows, in the order of the events, by each room's job queue.
    """

    def __init__(
        self,
        rooms: Rooms,
        fanout: Fanout,
        lobbies: Lobbies,
        resync: Resync,
        changes: RoomChanges,
        reveals: Reveals,
        metrics: LiveMetrics,
    ) -> None:
        self._rooms = rooms
        self._fanout = fanout
        self._lobbies = lobbies
        self._resync = resync
        self._changes = changes
        self._reveals = reveals
        self._metrics = metrics

    def on_event(self, event: LiveMessage) -> None:
        """Take in a message from the bus. Those of runs without a room here are ignored."""
        room = self._rooms.get(event.run_id)
        if room is None:
            if isinstance(event, RunEvent):
                self._rooms.hold_back(event)
        elif isinstance(event, RunEvent):
            self._advance(room, event)
        elif isinstance(event, PlayersJoinedEvent):
            self._joined(room, event)
        else:
            self._changed(room, event)

    def _joined(self, room: Room, event: PlayersJoinedEvent) -> None:
        self._lobbies.joined(room, event)
        if room.player_count.joined(event.total):
            room.jobs.add(lambda: self._changes.count_again(room))

    def _changed(self, room: Room, event: RoomChanged) -> None:
        if event.change == "scored" and event.question is not None:
            self._reveals.prepare(room, event.question)
        else:
            room.jobs.add(lambda: self._changes.follow(room, event))

    def _advance(self, room: Room, event: RunEvent) -> None:
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
        self._broadcast(room, event)

    def _broadcast(self, room: Room, event: RunEvent) -> None:
        snapshot, version, jobs = event.snapshot, event.version, room.jobs
        # Whoever connects later gets a snapshot that has it all.
        seats = list(room.seats.players.values())
        match event.type:
            case "question.closed":
                jobs.add(lambda: self._reveals.reveal(room, snapshot, seats), version)
            case "run.finished":
                jobs.add(lambda: self._reveals.finish(room, snapshot, seats), version)
            case "player.kicked" if (player_id := event.player_id) is not None:
                jobs.add(partial(self._changes.kick, room, player_id))
            case "run.locked" | "run.unlocked" | "run.expiring":
                jobs.add(lambda: self._resync.send_to_hosts(room))
            case "run.configured":
                message = m.Settings(settings=views.player_settings(snapshot.state.settings))
                jobs.add(partial(self._to_players, room, message), version)
                jobs.add(lambda: self._resync.send_to_hosts(room))
            case _:
                phones = public_messages(event, room.media_url, phone=True)
                for phone, host in zip(phones, public_messages(event, room.media_url), strict=True):
                    jobs.add(partial(self._fanout.to_all, room.run_id, host, phone), version)
                state = snapshot.state
                if event.type == "question.opened" and seats and not state.paused:
                    jobs.add(partial(self._observe_skew, state), version)

    async def _to_players(self, room: Room, message: m.Sent) -> None:
        self._fanout.to_players(room.run_id, message)

    async def _observe_skew(self, state: RunState) -> None:
        # In its turn: all sockets have been written to.
        if state.opens_at is not None:
            self._metrics.question_skew.observe((now_ms() - state.opens_at) / 1000)


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
