"""The composition of the live side of a gateway: every object, and who gets it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from prometheus_client import CollectorRegistry

from bus.messages import LiveMessage
from bus.producer import Producer
from db.answers import AnswerKey, AnswerRow, OwnAnswer, Recorded
from db.batching import BatchWriter
from db.players import Joined, JoinRequest, Returning
from db.stores import PlayStores
from gateway.live.inbound.answering import Answering
from gateway.live.inbound.hosts import HostNamespace
from gateway.live.inbound.joining import Joining
from gateway.live.inbound.players import PlayNamespace
from gateway.live.inbound.session_watch import Living, SessionWatch
from gateway.live.inbound.turnstile import Turnstile
from gateway.live.metrics import LiveMetrics
from gateway.live.outbound.announcing import Announcer
from gateway.live.outbound.counting import Counting
from gateway.live.outbound.draining import Mover
from gateway.live.outbound.events import Dispatcher
from gateway.live.outbound.extra_time import ExtraTimeKeeper
from gateway.live.outbound.fanout import Fanout
from gateway.live.outbound.lobby import Lobbies
from gateway.live.outbound.moderation import Moderating
from gateway.live.outbound.progress import ProgressKeeper
from gateway.live.outbound.resync import Resync
from gateway.live.outbound.room_changes import RoomChanges
from gateway.live.outbound.watchdog import Watchdog
from gateway.live.protocol.messages import HOST
from gateway.live.room.loader import PlayerLoader
from gateway.live.room.question_shapes import Shapes
from gateway.live.room.receipts import ReceiptKeeper
from gateway.live.room.registry import Rooms
from gateway.live.room.room import Room
from gateway.live.server import LiveServer
from gateway.live.tracing import AnswerTraces, TracedAnswering, TracedDispatcher
from gateway.live.workflow import PlayerTotals, Reporter, RunSignals
from gateway.security import AccessToken, PlayerToken
from telemetry.tracing import Tracing

SWEEP_EVERY_S = 5.0
ANSWERS_GATHER_S = 0.01
"""Of a stream of answers, those of so long are stored together (ADR 8): nobody sees the difference,
and a room of 2,000 costs the gateway less than half, PostgreSQL a third. One that comes alone does
not wait.
"""
ACKS_LEAVE_S = 0.1
"""How long acknowledgements of the last batch have to get from the writers to the wires."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class LiveDeps:
    """What the live side works with. Nothing of it is started or closed by it.

    `gateway_id` differs between the processes that run at the same time. The three token
    functions are those of `gateway.security.Tokens`.
    """

    gateway_id: str
    stores: PlayStores
    producer: Producer
    signals: RunSignals
    verify_player_token: Callable[[Any], PlayerToken]
    sign_player_token: Callable[[str, str, int], str]
    verify_access_token: Callable[[Any], AccessToken]
    living_sessions: Living
    cors_origins: list[str] = field(default_factory=list)
    answer_writers: int = 2
    admissions_per_s: float = 1_200
    session_tag: str = ""
    media_url: str = ""
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    tracing: Tracing | None = None


class LiveGateway:
    """`sio` is what an ASGI application mounts; `on_event` and `on_reset` are the consumer's."""

    def __init__(self, deps: LiveDeps) -> None:
        stores = deps.stores
        self.metrics = LiveMetrics(deps.registry)
        self.sio = LiveServer(deps.cors_origins, self.metrics, deps.session_tag)
        observer = self.metrics.queues.observer
        self._fanout = fanout = Fanout(self.sio, self.metrics)
        traces = AnswerTraces(deps.tracing) if deps.tracing else None
        record = stores.answers.record_batch
        self._answer_writer: BatchWriter[AnswerRow, Recorded] = BatchWriter(
            partial(traces.record, record) if traces else record,
            max_batch=1_000,
            gather_s=ANSWERS_GATHER_S,
            workers=deps.answer_writers,
            name="answers",
            observe=observer("answers"),
        )
        self._join_writer: BatchWriter[JoinRequest, Joined] = BatchWriter(
            stores.players.join_batch, name="joins", observe=observer("joins")
        )
        self._returning: BatchWriter[str, Returning | None] = BatchWriter(
            stores.players.returning,
            name="returning players",
            observe=observer("returning players"),
        )
        self._own_answers: BatchWriter[AnswerKey, OwnAnswer | None] = BatchWriter(
            stores.answers.own_many, name="own answers", observe=observer("own answers")
        )
        loader = PlayerLoader(
            stores.players, stores.answers, self._own_answers, stores.scoring, stores.leaderboard
        )
        reporter = Reporter(deps.signals, self.metrics)
        self._totals = PlayerTotals(reporter)
        self._extra_times = ExtraTimeKeeper(stores.players, fanout, reporter)
        self._lobbies, counting = Lobbies(fanout), Counting(stores.answers, stores.moderation)
        moderating = Moderating(stores.answers, stores.moderation, fanout)
        self._keeper = ProgressKeeper(
            deps.gateway_id,
            stores.presence,
            counting,
            fanout,
            self._lobbies,
            reporter,
            lambda: self._answer_writer.queued,
        )
        self._receipts = ReceiptKeeper(deps.gateway_id, stores.receipts)
        self.rooms = Rooms(
            stores.run_states,
            stores.players,
            self.metrics,
            self._attend,
            self._leave,
            deps.media_url,
        )
        self._resync = Resync(
            stores.run_states,
            stores.players,
            loader,
            fanout,
            self._lobbies,
            counting,
            self.metrics,
        )
        self._watchdog = Watchdog(
            self.rooms,
            stores.run_states,
            self._resync,
            self._lobbies,
            self._totals,
            self._extra_times,
        )
        changes = RoomChanges(stores.players, loader, self._lobbies, self._resync, moderating)
        dispatching = (
            *(self.rooms, fanout, loader, self._lobbies, self._resync, self.metrics),
            changes,
        )
        self._dispatcher = (
            TracedDispatcher(deps.tracing, *dispatching)
            if deps.tracing
            else Dispatcher(*dispatching)
        )
        self._announcer = Announcer(deps.producer)
        self._mover = Mover(self.sio, fanout, deps.admissions_per_s)
        self._turnstile = Turnstile(deps.admissions_per_s, self.metrics)
        self.metrics.watch_admission(self._turnstile.wait_s)
        joining = Joining(
            stores.runs,
            self._returning,
            self.rooms,
            self._join_writer,
            self._announcer,
            self._totals,
            self._turnstile,
            deps.verify_player_token,
        )
        checks = (self._answer_writer, stores.answers, Shapes(stores.runs))
        answering = TracedAnswering(traces, *checks) if traces else Answering(*checks)
        self._sessions = SessionWatch(
            deps.living_sessions, lambda sid: self.sio.disconnect_session(sid, HOST)
        )
        self._namespaces = (
            PlayNamespace(
                joining,
                answering,
                loader,
                fanout,
                self._extra_times,
                deps.sign_player_token,
                moderating,
                self.metrics,
            ),
            HostNamespace(
                self.rooms,
                self._resync,
                fanout,
                deps.verify_access_token,
                self._sessions,
                moderating,
                self.metrics,
            ),
        )
        for namespace in self._namespaces:
            namespace.serve(self.sio)
        self._queues: tuple[BatchWriter[Any, Any], ...] = (
            self._answer_writer,
            self._join_writer,
            self._returning,
            self._own_answers,
        )
        self.metrics.queues.watch(self._queues)
        self._tasks: list[asyncio.Task[None]] = []

    def on_event(self, event: LiveMessage) -> None:
        """Take in what the consumer has read."""
        self._dispatcher.on_event(event)

    def on_reset(self) -> None:
        """Events may have been missed: compare all rooms with the stores."""
        for room in self.rooms:
            self._resync.check(room)

    async def start(self) -> None:
        """Begin to serve."""
        for queue in self._queues:
            queue.start()
        self._tasks = [
            asyncio.create_task(self._keeper.run(), name="progress"),
            asyncio.create_task(self._watchdog.run(), name="watchdog"),
            asyncio.create_task(self._sweep(), name="room-sweep"),
            asyncio.create_task(self._receipts.run(), name="receipts"),
            asyncio.create_task(self._sessions.run(), name="sessions"),
        ]

    async def move_clients(self, longest_s: float) -> None:
        """Refuse new connections and let all clients go to other gateways, spread over `longest_s`
        at most. What they have sent is acknowledged first.
        """
        await self._mover.run(longest_s)

    async def stop(self) -> None:
        """Refuse newcomers, write and acknowledge what was taken, then let all sockets go.

        Their connections are closed rather than their namespaces: clients come back by
        themselves, to another gateway.
        """
        for namespace in self._namespaces:
            namespace.accepting = False
        if not self._tasks:
            return
        await asyncio.gather(*(queue.stop() for queue in self._queues))
        self._fanout.send_away(self._turnstile.spread_ms)
        await asyncio.sleep(ACKS_LEAVE_S)
        with contextlib.suppress(Exception):
            await self._announcer.flush()
            await self._totals.flush(self.rooms)
            await self._receipts.store()
        await self.sio.shutdown()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self.rooms.close_all()

    def _attend(self, room: Room) -> None:
        self._keeper.attend(room)
        self._receipts.attend(room)

    def _leave(self, room: Room) -> None:
        self._keeper.leave(room)
        self._receipts.leave(room)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            for run_id in await self.rooms.close_empty():
                self._announcer.forget(run_id)
                self._totals.forget(run_id)
                self._extra_times.forget(run_id)
                self._lobbies.forget(run_id)
