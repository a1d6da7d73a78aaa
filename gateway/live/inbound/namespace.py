"""What the namespaces of players and hosts share: every client event gets an acknowledgement."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

import socketio
import structlog
from pydantic import ValidationError

from gateway.live.inbound.client import Client
from gateway.live.inbound.replies import Reply, Result
from gateway.live.metrics import LiveMetrics
from gateway.live.protocol.encode import Encoded, encode_ack
from gateway.live.protocol.errors import fault, invalid, refusal
from gateway.live.protocol.messages import Request, Sync, SyncAck
from gateway.transport import Member, SocketServer
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

BLAMED = (ErrorCode.PAYLOAD_INVALID, ErrorCode.TOO_MANY_REQUESTS)
"""What no client of ours is refused with."""
EXACT = 2**53
"""Whole numbers up to this are the same as floats."""

Ack = Encoded | dict[str, Any]

log = structlog.get_logger(__name__)


R = TypeVar("R", bound=Request)
C = TypeVar("C", bound=Client)


class LiveNamespace(socketio.AsyncNamespace, Generic[C]):  # type: ignore[misc]
    """Validates and counts client events and acknowledges them with a result or an error.

    Subclasses decide who may connect, and register handlers of events. Plain handlers run where
    the event is read, coroutines in a task for each event. `C` is the type of a connected client.
    """

    def __init__(self, name: str, metrics: LiveMetrics) -> None:
        super().__init__(name)
        self._metrics = metrics
        self._sockets = metrics.sockets.labels(name)
        self._clients: dict[str, C] = {}
        self._models: dict[str, type[Request]] = {}
        self._handlers: dict[str, Callable[[C, Any], Awaitable[Any]]] = {}
        self._plain: dict[str, Callable[[C, Any, Reply], None]] = {}
        self.accepting = True
        self.handle_plain(Sync, self._sync)

    @abstractmethod
    async def connected(self, sid: str, auth: dict[str, Any]) -> C:
        """Accept a connection, or raise `QuizrunError`. Nothing can be sent to it yet."""

    @abstractmethod
    async def welcome(self, client: C) -> None:
        """Handle a client that was accepted and can be sent events."""

    @abstractmethod
    def disconnected(self, client: C) -> None:
        """Handle the end of an accepted connection. Called once for each."""

    def handle(self, request: type[R], handler: Callable[[C, R], Awaitable[Any]]) -> None:
        """Register a coroutine that returns the acknowledgement of an event."""
        self._models[request.event] = request
        self._handlers[request.event] = handler

    def handle_plain(self, request: type[R], handler: Callable[[C, R, Reply], None]) -> None:
        """Register a function that sends the reply itself, at any time, or raises."""
        self._models[request.event] = request
        self._plain[request.event] = handler

    def serve(self, sio: SocketServer) -> None:
        """Accept clients."""
        sio.register_namespace(self)
        sio.on_accepted(self.namespace, self._accepted)
        for event in self._plain:
            sio.on_fast(self.namespace, event, partial(self._on_plain, event))
        sio.on_any(self.namespace, self._on_any)

    async def trigger_event(self, event: str, *args: Any) -> None:
        """Handle ``connect`` and ``disconnect``. Called by the library."""
        if event == "connect":
            sid, _, auth = args
            await self._connect(sid, auth)
        elif event == "disconnect":
            self._disconnect(args[0])

    def settle(self, sid: str) -> None:
        """Keep a client's connection open: it is a player or a host."""
        member = self.server.manager.member(sid, self.namespace)
        if member is not None:
            member.settle()

    async def _connect(self, sid: str, auth: Any) -> None:
        try:
            client = await self.connected(sid, self._credentials(auth))
        except QuizrunError as error:
            self._count_connect(error.code.value)
            raise refusal(error) from None
        except Exception as error:
            log.exception("socket.connect_failed", namespace=self.namespace)
            self._count_connect("fault")
            raise refusal(fault()) from error
        self._count_connect("ok")
        self._clients[sid] = client
        member: Member = self.server.manager.member(sid, self.namespace)
        member.data, client.network = client, member.session.network_name
        self._sockets.inc()

    def _count_connect(self, outcome: str) -> None:
        self._metrics.connects.labels(self.namespace, outcome).inc()

    def _credentials(self, auth: Any) -> dict[str, Any]:
        if not self.accepting:
            raise QuizrunError(ErrorCode.UNAVAILABLE, "This server is closing; connect again.")
        if not isinstance(auth, dict | None):
            raise QuizrunError(ErrorCode.PAYLOAD_INVALID, "`auth` must be an object.")
        return auth or {}

    async def _accepted(self, member: Member) -> None:
        client: C = member.data
        try:
            await self.welcome(client)
        except Exception:
            # Without its snapshot the client is lost; a new connection gives it another try.
            log.exception("socket.welcome_failed", namespace=self.namespace, **client.log_fields())
            self.server.disconnect_session(client.sid, self.namespace)

    def _disconnect(self, sid: str) -> None:
        client = self._clients.pop(sid, None)
        if client is not None:
            self._sockets.dec()
            self.disconnected(client)

    def _on_plain(
        self, event: str, member: Member, arguments: list[Any], ack_id: int | None
    ) -> None:
        reply = _MemberReply(self, event, member, ack_id, time.monotonic())
        client = member.data
        client.unacknowledged += 1
        try:
            request = self._request(event, client, arguments, reply.began)
            self._plain[event](client, request, reply)
        except Exception as error:  # noqa: BLE001  (the client is told, and it is logged)
            reply.send(error)

    def _on_any(self, member: Member, data: list[Any], ack_id: int | None) -> None:
        event, *arguments = data
        if event in self._plain:  # with binary arguments
            self._on_plain(event, member, arguments, ack_id)
            return
        known = event if event in self._models else "?"
        reply = _MemberReply(self, known, member, ack_id, time.monotonic())
        client = member.data
        client.unacknowledged += 1
        try:
            request = self._request(event, client, arguments, reply.began)
        except Exception as error:  # noqa: BLE001  (the client is told, and it is logged)
            reply.send(error)  # without a task: a flood would start thousands at once
            return
        self.server.start(_answer(self._handlers[event], client, request, reply))

    def _request(self, event: str, client: C, arguments: list[Any], now: float) -> Any:
        if not client.may_send(now):
            raise QuizrunError(ErrorCode.TOO_MANY_REQUESTS, "Too many events; slow down.")
        model = self._models.get(event)
        if model is None:
            raise QuizrunError(ErrorCode.PAYLOAD_INVALID, "There is no such event.")
        if len(arguments) != 1:
            raise QuizrunError(
                ErrorCode.PAYLOAD_INVALID, f"`{event}` takes one object, not {len(arguments)}."
            )
        try:
            return model.model_validate(arguments[0])
        except ValidationError as error:
            raise invalid(event, error) from None

    def ack(self, event: str, began: float, result: Result, client: Client) -> Ack:
        """Count an event that came at `began` (monotonic) and return its acknowledgement."""
        ack: Ack
        # Not raised: that would make a cycle of exception and frame, and what a client sends would
        # stay in memory until the garbage collector runs.
        if isinstance(result, QuizrunError):
            ack, code = {"ok": False, "error": result.body()}, result.code.value
            if result.code in BLAMED:
                self.server.blame(client.sid, self.namespace, client)
        elif isinstance(result, BaseException):
            log.error(
                "socket.event_failed", exc_info=result, client_event=event, **client.log_fields()
            )
            ack, code = {"ok": False, "error": fault().body()}, "fault"
        else:
            ack, code = result if isinstance(result, Encoded) else encode_ack(result), "ok"
        self._metrics.requests.acknowledged(event, code, time.monotonic() - began)
        return ack

    def _sync(self, _client: C, request: Sync, reply: Reply) -> None:
        whole = request.t0.is_integer() and abs(request.t0) <= EXACT
        reply.send(SyncAck(t0=int(request.t0) if whole else request.t0, server_ms=now_ms()))


@dataclass(slots=True, eq=False)
class _MemberReply:
    """The reply to a plain event that came at `began` (monotonic)."""

    namespace: LiveNamespace[Any]
    event: str
    member: Member
    ack_id: int | None
    began: float

    def send(self, result: Result) -> None:
        """Acknowledge the event, where the client asked for it."""
        client: Client = self.member.data
        client.unacknowledged -= 1
        ack = self.namespace.ack(self.event, self.began, result, client)
        if self.ack_id is not None:
            self.member.ack(self.ack_id, ack)


async def _answer(
    handler: Callable[[C, Any], Awaitable[Any]], client: C, request: Any, reply: Reply
) -> None:
    result: Result
    try:
        result = await handler(client, request)
    except Exception as error:  # noqa: BLE001  (the client is told, and it is logged)
        result = error
    reply.send(result)
