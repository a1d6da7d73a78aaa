"""What both namespaces share: every client event is acknowledged, whatever it is."""

from __future__ import annotations

import asyncio
import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import socketio
import structlog
from pydantic import BaseModel, ValidationError

from gateway.live.encoding import Encoded, encode_ack
from gateway.live.limits import TokenBucket
from gateway.live.messages import Request, Sync, SyncAck
from gateway.live.metrics import LiveMetrics
from gateway.live.refusals import fault, invalid, refusal
from gateway.transport import SocketServer
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

EVENTS_PER_S = 20
EVENTS_BURST = 40

EXACT = 2**53
"""Whole numbers up to this are the same as floats."""

R = TypeVar("R", bound=Request)
Handler = Callable[[str, Any], Awaitable[BaseModel]]
Outcome = BaseModel | Encoded | BaseException
Tell = Callable[[Outcome], None]
"""Takes what to acknowledge an event with. To be called once, at any time."""
PlainHandler = Callable[[str, Any, Tell], None]
Answer = Encoded | dict[str, Any]

log = structlog.get_logger(__name__)


class LiveNamespace(socketio.AsyncNamespace):  # type: ignore[misc]
    """Checks and counts client events and answers them with a result or an error.

    Subclasses say who may connect, what happens then, and which events there are. Plain handlers
    run where the event is read, others in a task for each event.
    """

    def __init__(self, name: str, metrics: LiveMetrics) -> None:
        super().__init__(name)
        self._metrics = metrics
        self._sockets = metrics.sockets.labels(name)
        self._buckets: dict[str, TokenBucket] = {}
        self._models: dict[str, type[Request]] = {}
        self._handlers: dict[str, Handler] = {}
        self._plain: dict[str, PlainHandler] = {}
        self.accepting = True
        self.handle_plain(Sync, self._sync)

    @abstractmethod
    async def connected(self, sid: str, auth: dict[str, Any]) -> None:
        """Accept a connection, or raise `QuizrunError`. Nothing can be sent to it yet."""

    @abstractmethod
    async def welcome(self, sid: str) -> None:
        """Called when the connection stands."""

    @abstractmethod
    def disconnected(self, sid: str) -> None:
        """Called once for each accepted connection."""

    def handle(self, request: type[R], handler: Callable[[str, R], Awaitable[BaseModel]]) -> None:
        """Let `handler` answer the event of `request`."""
        self._models[request.event] = request
        self._handlers[request.event] = handler

    def handle_plain(self, request: type[R], handler: Callable[[str, R, Tell], None]) -> None:
        """The same for a function that does not wait. What it raises is told for it."""
        self._models[request.event] = request
        self._plain[request.event] = handler

    def serve(self, sio: SocketServer) -> None:
        """Let clients in."""
        sio.register_namespace(self)
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
            if self._buckets.pop(sid, None) is not None:
                self._sockets.dec()
                self.disconnected(sid)
            return None
        return await self._answer(event, sid, arguments)

    async def _connect(self, sid: str, auth: Any) -> None:
        try:
            await self.connected(sid, self._credentials(auth))
        except QuizrunError as error:
            raise refusal(error) from None
        except Exception as error:
            log.exception("connect failed", namespace=self.namespace)
            raise refusal(fault()) from error
        self._buckets[sid] = TokenBucket(EVENTS_PER_S, EVENTS_BURST)
        self._sockets.inc()
        # The library registers the socket after this has returned; only then it can be sent to.
        self.server.start_background_task(self._welcome, sid)

    def _credentials(self, auth: Any) -> dict[str, Any]:
        if not self.accepting:
            raise QuizrunError(ErrorCode.UNAVAILABLE, "This server is closing; connect again.")
        if not isinstance(auth, dict | None):
            raise QuizrunError(ErrorCode.PAYLOAD_INVALID, "`auth` must be an object.")
        return auth or {}

    async def _welcome(self, sid: str) -> None:
        if not self.server.manager.is_connected(sid, self.namespace):
            return
        try:
            await self.welcome(sid)
        except Exception:
            # Without its snapshot the client is lost; a new connection gives it another try.
            log.exception("welcome failed", namespace=self.namespace)
            self.server.disconnect_session(sid, self.namespace)

    def _at_once(self, event: str, sid: str, arguments: list[Any], ack_id: int | None) -> None:
        tell = _Telling(self, event, sid, ack_id, time.perf_counter())
        try:
            self._plain[event](sid, self._request(event, sid, arguments), tell)
        except Exception as error:  # noqa: BLE001  (it is told, and logged)
            tell(error)

    async def _answer(self, event: str, sid: str, arguments: list[Any]) -> Answer:
        began = time.perf_counter()
        outcome: Outcome
        try:
            request = self._request(event, sid, arguments)
            if event in self._plain:
                told = asyncio.get_running_loop().create_future()
                self._plain[event](sid, request, told.set_result)
                outcome = await told
            else:
                outcome = await self._handlers[event](sid, request)
        except Exception as error:  # noqa: BLE001  (it is told, and logged)
            outcome = error
        return self.outcome(event if event in self._models else "?", began, outcome)

    def _request(self, event: str, sid: str, arguments: list[Any]) -> Any:
        """What the client wants, checked."""
        bucket = self._buckets.get(sid)
        if bucket is None or not bucket.take():
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

    def outcome(self, event: str, began: float, outcome: Outcome) -> Answer:
        """What to acknowledge an event with; it is counted."""
        answer: Answer
        try:
            answer, code = encode_ack(outcome), "ok"
        except QuizrunError as error:
            answer, code = {"ok": False, "error": error.body()}, error.code.value
        except Exception:
            log.exception("event failed", client_event=event)
            answer, code = {"ok": False, "error": fault().body()}, "fault"
        self._metrics.requests.acknowledged(event, code, time.perf_counter() - began)
        return answer

    def _sync(self, _sid: str, request: Sync, tell: Tell) -> None:
        whole = request.t0.is_integer() and abs(request.t0) <= EXACT
        tell(SyncAck(t0=int(request.t0) if whole else request.t0, server_ms=now_ms()))


@dataclass(slots=True, eq=False)
class _Telling:
    """Acknowledges an event that came at `began` (`time.perf_counter`)."""

    namespace: LiveNamespace
    event: str
    sid: str
    ack_id: int | None
    began: float

    def __call__(self, outcome: Outcome) -> None:
        namespace = self.namespace
        answer = namespace.outcome(self.event, self.began, outcome)
        if self.ack_id is not None:
            namespace.server.ack(self.sid, namespace.namespace, self.ack_id, answer)
