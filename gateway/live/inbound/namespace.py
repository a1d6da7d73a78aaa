"""What both namespaces share: every client event is acknowledged, whatever it is."""

from __future__ import annotations

import asyncio
import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

import socketio
import structlog
from pydantic import BaseModel, ValidationError

from gateway.live.metrics import LiveMetrics
from gateway.live.protocol.encode import Encoded, encode_ack
from gateway.live.protocol.errors import fault, invalid, refusal
from gateway.live.protocol.messages import Request, Sync, SyncAck
from gateway.transport import Member, SocketServer
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

EVENTS_PER_S = 20
EVENTS_BURST = 40

EXACT = 2**53
"""Whole numbers up to this are the same as floats."""

Outcome = BaseModel | Encoded | BaseException
Tell = Callable[[Outcome], None]
"""Takes what to acknowledge an event with. To be called once, at any time."""
Answer = Encoded | dict[str, Any]

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class Caller:
    """A socket that was let in. Subclasses know who it is.

    It may send `EVENTS_BURST` events at once and `EVENTS_PER_S` in the long run: a bucket of tokens
    that is full again at `quiet_at` (`time.monotonic`).
    """

    sid: str
    quiet_at: float = field(default=0.0, kw_only=True)
    unanswered: int = field(default=0, kw_only=True)
    """Events that are not acknowledged yet."""

    def may_send(self, now: float) -> bool:
        """Whether an event is within the limit; then it counts."""
        quiet_at = max(self.quiet_at, now)
        if quiet_at - now > (EVENTS_BURST - 1) / EVENTS_PER_S:
            return False
        self.quiet_at = quiet_at + 1 / EVENTS_PER_S
        return True

    def log_fields(self) -> dict[str, str]:
        """Who this is, for the log: ids only."""
        return {}


R = TypeVar("R", bound=Request)
C = TypeVar("C", bound=Caller)


class LiveNamespace(socketio.AsyncNamespace, Generic[C]):  # type: ignore[misc]
    """Checks and counts client events and answers them with a result or an error.

    Subclasses say who may connect, what happens then, and which events there are. Plain handlers
    run where the event is read, others in a task for each event. `C` is what they know of a socket.
    """

    def __init__(self, name: str, metrics: LiveMetrics) -> None:
        super().__init__(name)
        self._metrics = metrics
        self._sockets = metrics.sockets.labels(name)
        self._callers: dict[str, C] = {}
        self._models: dict[str, type[Request]] = {}
        self._handlers: dict[str, Callable[[C, Any], Awaitable[BaseModel]]] = {}
        self._plain: dict[str, Callable[[C, Any, Tell], None]] = {}
        self.accepting = True
        self.handle_plain(Sync, self._sync)

    @abstractmethod
    async def connected(self, sid: str, auth: dict[str, Any]) -> C:
        """Accept a connection, or raise `QuizrunError`. Nothing can be sent to it yet."""

    @abstractmethod
    async def welcome(self, caller: C) -> None:
        """Called when the connection stands."""

    @abstractmethod
    def disconnected(self, caller: C) -> None:
        """Called once for each accepted connection."""

    def handle(self, request: type[R], handler: Callable[[C, R], Awaitable[BaseModel]]) -> None:
        """Let `handler` answer the event of `request`."""
        self._models[request.event] = request
        self._handlers[request.event] = handler

    def handle_plain(self, request: type[R], handler: Callable[[C, R, Tell], None]) -> None:
        """The same for a function that does not wait. What it raises is told for it."""
        self._models[request.event] = request
        self._plain[request.event] = handler

    def serve(self, sio: SocketServer) -> None:
        """Let clients in."""
        sio.register_namespace(self)
        sio.on_accepted(self.namespace, self._accepted)
        for event in self._plain:
            sio.on_fast(self.namespace, event, partial(self._at_once, event))

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """Called by the library for its own events, and those of clients that are not fast: an
        event with binary arguments never is.
        """
        sid, *arguments = args
        if event == "connect":
            return await self._connect(sid, arguments[1])
        if event == "disconnect":
            left = self._callers.pop(sid, None)
            if left is not None:
                self._sockets.dec()
                self.disconnected(left)
            return None
        caller = self._callers.get(sid)
        # None: gone meanwhile
        return await self._answer(event, caller, arguments) if caller is not None else None

    async def _connect(self, sid: str, auth: Any) -> None:
        try:
            caller = await self.connected(sid, self._credentials(auth))
        except QuizrunError as error:
            self._count_connect(error.code.value)
            raise refusal(error) from None
        except Exception as error:
            log.exception("socket.connect_failed", namespace=self.namespace)
            self._count_connect("fault")
            raise refusal(fault()) from error
        self._count_connect("ok")
        self._callers[sid] = caller
        self.server.manager.member(sid, self.namespace).data = caller
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
        caller: C = member.data
        try:
            await self.welcome(caller)
        except Exception:
            # Without its snapshot the client is lost; a new connection gives it another try.
            log.exception("socket.welcome_failed", namespace=self.namespace, **caller.log_fields())
            self.server.disconnect_session(caller.sid, self.namespace)

    def _at_once(
        self, event: str, member: Member, arguments: list[Any], ack_id: int | None
    ) -> None:
        tell = _Telling(self, event, member, ack_id, time.monotonic())
        caller = member.data
        caller.unanswered += 1
        try:
            self._plain[event](caller, self._request(event, caller, arguments, tell.began), tell)
        except Exception as error:  # noqa: BLE001  (it is told, and logged)
            tell(error)

    async def _answer(self, event: str, caller: C, arguments: list[Any]) -> Answer:
        began = time.monotonic()
        outcome: Outcome
        caller.unanswered += 1
        try:
            request = self._request(event, caller, arguments, began)
            if event in self._plain:
                told = asyncio.get_running_loop().create_future()
                self._plain[event](caller, request, told.set_result)
                outcome = await told
            else:
                outcome = await self._handlers[event](caller, request)
        except Exception as error:  # noqa: BLE001  (it is told, and logged)
            outcome = error
        asyncio.get_running_loop().call_soon(_answered, caller)  # the library acknowledges first
        return self.outcome(event if event in self._models else "?", began, outcome, caller)

    def _request(self, event: str, caller: C, arguments: list[Any], now: float) -> Any:
        """What the client wants, checked."""
        if not caller.may_send(now):
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

    def outcome(self, event: str, began: float, outcome: Outcome, caller: Caller | None) -> Answer:
        """What to acknowledge an event with; it is counted."""
        answer: Answer
        try:
            answer, code = encode_ack(outcome), "ok"
        except QuizrunError as error:
            answer, code = {"ok": False, "error": error.body()}, error.code.value
        except Exception:
            about = caller.log_fields() if caller else {}
            log.exception("socket.event_failed", client_event=event, **about)
            answer, code = {"ok": False, "error": fault().body()}, "fault"
        self._metrics.requests.acknowledged(event, code, time.monotonic() - began)
        return answer

    def _sync(self, _caller: C, request: Sync, tell: Tell) -> None:
        whole = request.t0.is_integer() and abs(request.t0) <= EXACT
        tell(SyncAck(t0=int(request.t0) if whole else request.t0, server_ms=now_ms()))


@dataclass(slots=True, eq=False)
class _Telling:
    """Acknowledges an event that came at `began` (`time.monotonic`)."""

    namespace: LiveNamespace[Any]
    event: str
    member: Member
    ack_id: int | None
    began: float

    def __call__(self, outcome: Outcome) -> None:
        _answered(self.member.data)
        answer = self.namespace.outcome(self.event, self.began, outcome, self.member.data)
        if self.ack_id is not None:
            self.member.ack(self.ack_id, answer)


def _answered(caller: Caller) -> None:
    caller.unanswered -= 1
