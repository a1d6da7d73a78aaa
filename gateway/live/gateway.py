"""The composition of the live side of a gateway: every object, and who gets it."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry

from bus.messages import JoinedPlayer, LiveMessage, RunEvent
from bus.producer import Producer
from db.stores import PlayStores
from gateway.join_checks import JoinChecks
from gateway.live.ending import end
from gateway.live.inbound.answering import Answering
from gateway.live.inbound.departures import LobbyDepartures
from gateway.live.inbound.hosts import HostNamespace
from gateway.live.inbound.joining import Joining, PlayerBatches
from gateway.live.inbound.players import PlayerNamespace
from gateway.live.inbound.session_watch import Living, SessionWatch
from gateway.live.inbound.turnstile import Turnstile
from gateway.live.metrics import LiveMetrics
from gateway.live.outbound.announcing import JoinAnnouncer
from gateway.live.outbound.counting import AnswerCounts
from gateway.live.outbound.draining import Drainer
from gateway.live.outbound.events import RunEvents
from gateway.live.outbound.extra_time import ExtraTimeSync
from gateway.live.outbound.fanout import Fanout
from gateway.live.outbound.lobby import Lobbies
from gateway.live.outbound.moderation import Moderation
from gateway.live.outbound.progress import ProgressTracker
from gateway.live.outbound.resync import Resync
from gateway.live.outbound.reveals import Reveals
from gateway.live.outbound.room_changes import RoomChanges
from gateway.live.outbound.watchdog import Watchdog
from gateway.live.protocol.messages import HOST
from gateway.live.queues import Queues
from gateway.live.room.loader import PlayerLoader
from gateway.live.room.question_shapes import QuestionShapes
from gateway.live.room.receipts import ReceiptWriter
from gateway.live.room.registry import Rooms
from gateway.live.room.room import Room
from gateway.live.server import LiveServer
from gateway.live.tracing import AnswerTraces, TracedAnswering, TracedReveals
from gateway.live.workflow import PlayerTotals, Reporter, RunSignals
from gateway.security import Tokens
from gateway.transport import Limits
from telemetry.tracing import Tracing

SWEEP_EVERY_S = 5.0
LOBBY_PATIENCE_MS = 100
"""Less than the lead of a question, so that the start of a run is known in time."""
ACKS_LEAVE_S = 0.1
"""How long acknowledgements of the last batch have to get from the writers to the wires."""


@dataclass(frozen=True, kw_only=True)
class LiveOptions:
    """What an operator may set."""

    cors_origins: list[str] = field(default_factory=list)
    answer_writers: int = 2
    admissions_per_s: float = 1_200
    session_tag: str = ""
    media_url: str = ""
    socket_limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, kw_only=True)
class LiveDeps:
    """What the live side works with. It starts and closes none of it.

    `gateway_id` differs between processes that run at the same time.
    """

    gateway_id: str
    stores: PlayStores
    checks: JoinChecks
    producer: Producer
    signals: RunSignals
    tokens: Tokens
    living_sessions: Living
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    tracing: Tracing | None = None


class LiveGateway:
    """`sio` is what an ASGI application mounts; `on_event` and `on_reset` are the consumer's."""

    def __init__(self, deps: LiveDeps, options: LiveOptions | None = None) -> None:
        options = options or LiveOptions()
        stores, tokens = deps.stores, deps.tokens
        self.metrics = metrics = LiveMetrics(deps.registry)
        self.sio = LiveServer(
            options.cors_origins, metrics, options.session_tag, options.socket_limits
        )
        traces = AnswerTraces(deps.tracing) if deps.tracing else None
        self._queues = Queues(
            stores, metrics.queues, traces, options.answer_writers, deps.checks.pins.queue
        )

        # The rooms
        self._loader = loader = PlayerLoader(
            stores.players,
            stores.answers,
            self._queues.own_answers,
            stores.scoring,
            stores.leaderboard,
        )
        self._receipts = ReceiptWriter(deps.gateway_id, stores.receipts)
        self.rooms = rooms = Rooms(
            stores.run_states,
            stores.players,
            metrics,
            self._on_open,
            self._on_close,
            options.media_url,
        )

        # To the workflow, and to the other gateways
        reporter = Reporter(deps.signals, metrics)
        self._totals = PlayerTotals(reporter)
        self._announcer = JoinAnnouncer(deps.producer)

        # To the clients
        self._fanout = fanout = Fanout(self.sio, metrics)
        self._lobbies = lobbies = Lobbies(fanout)
        counts = AnswerCounts(stores.answers, stores.moderation)
        moderation = Moderation(stores.answers, stores.moderation, fanout)
        self._extra_times = ExtraTimeSync(stores.players, fanout, reporter)
        self._progress = ProgressTracker(
            deps.gateway_id,
            stores.presence,
            counts,
            fanout,
            lobbies,
            reporter,
            lambda: self._queues.answers.queued,
        )
        self._resync = resync = Resync(
            stores.run_states, stores.players, loader, fanout, lobbies, counts, metrics
        )
        reveals = (
            TracedReveals(deps.tracing, fanout, loader, metrics)
            if deps.tracing
            else Reveals(fanout, loader, metrics)
        )
        changes = RoomChanges(stores.players, loader, lobbies, resync, moderation)
        self._events = RunEvents(rooms, fanout, lobbies, resync, changes, reveals, metrics)
        self._watchdog = Watchdog(
            rooms, stores.run_states, resync, lobbies, self._totals, self._extra_times
        )
        self._drainer = Drainer(self.sio, fanout, options.admissions_per_s)

        # From the clients
        self._turnstile = Turnstile(options.admissions_per_s, metrics)
        metrics.watch_admission(self._turnstile.wait_s)
        self.departures = LobbyDepartures(
            stores.departures, self._queues.back, stores.presence, deps.producer
        )
        joining = Joining(
            deps.checks,
            PlayerBatches(self._queues.joins, self._queues.returning),
            rooms,
            self._on_joined,
            self._turnstile,
            tokens.read_player_token,
            departures=self.departures,
        )
        answering = Answering(
            self._queues.answers, self._queues.own_answers, QuestionShapes(stores.runs)
        )
        self._sessions = SessionWatch(
            deps.living_sessions, lambda sid: self.sio.disconnect_session(sid, HOST)
        )
        self._pins = deps.checks.pins
        self._namespaces = (
            PlayerNamespace(
                joining,
                TracedAnswering(traces, answering).answer if traces else answering.answer,
                loader,
                fanout,
                self._extra_times,
                tokens.sign_player_token,
                moderation,
                metrics,
            ),
            HostNamespace(
                rooms,
                resync,
                fanout,
                tokens.verify_access_token,
                self._sessions,
                moderation,
                metrics,
            ),
        )
        for namespace in self._namespaces:
            namespace.serve(self.sio)
        self._tasks: list[asyncio.Task[None]] = []

    def on_event(self, event: LiveMessage) -> None:
        """Take in a message from the bus."""
        if isinstance(event, RunEvent):
            self._pins.forget(event.snapshot.pin)
        self._events.on_event(event)

    def on_reset(self) -> None:
        """Compare all rooms with the stores: events may have been missed."""
        for room in self.rooms:
            self._resync.check(room)

    def patience_ms(self) -> int:
        """Return by how much events may be late at present."""
        return 0 if any(room.under_way for room in self.rooms) else LOBBY_PATIENCE_MS

    async def start(self) -> None:
        """Begin to serve."""
        self._queues.start()
        self._tasks = [
            asyncio.create_task(self._progress.run(), name="progress"),
            asyncio.create_task(self._watchdog.run(), name="watchdog"),
            asyncio.create_task(self._sweep(), name="room-sweep"),
            asyncio.create_task(self._receipts.run(), name="receipts"),
            asyncio.create_task(self._sessions.run(), name="sessions"),
        ]

    async def move_clients(self, longest_s: float) -> None:
        """Refuse new connections and send all clients to other gateways, spread over `longest_s` at
        most. What they have sent is acknowledged first.
        """
        await self._drainer.run(longest_s)

    async def stop(self) -> None:
        """Refuse new clients, write and acknowledge what was taken, then close all connections.

        Connections are closed rather than namespaces: from that clients reconnect by themselves,
        to another gateway.
        """
        for namespace in self._namespaces:
            namespace.accepting = False
        if not self._tasks:
            return
        await self._queues.stop()
        self._fanout.send_away(self._turnstile.spread_ms)
        await asyncio.sleep(ACKS_LEAVE_S)
        with contextlib.suppress(Exception):
            await self._announcer.flush()
            await self._totals.flush(self.rooms)
            await self._receipts.store()
        await self.sio.shutdown()
        await end(self._tasks)
        self._tasks = []
        await self.rooms.close_all()

    def _on_joined(self, run_id: str, player: JoinedPlayer, total: int) -> None:
        self._totals.joined(run_id, total)
        self._announcer.joined(run_id, player, total)

    def _on_open(self, room: Room) -> None:
        self._progress.watch(room)
        self._receipts.watch(room)

    def _on_close(self, room: Room) -> None:
        self._progress.unwatch(room)
        self._receipts.unwatch(room)
        self._loader.forget(room.run_id)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            await self.departures.sweep(self.rooms)
            for run_id in await self.rooms.close_empty():
                self._announcer.forget(run_id)
                self._totals.forget(run_id)
                self._extra_times.forget(run_id)
                self._lobbies.forget(run_id)
