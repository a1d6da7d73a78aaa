"""HTTP connections that limit a request before it is fully parsed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, cast

import httptools
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.http.problems import HttpCode, problem_response
from gateway.transport.wheel import Wheel
from quiz.errors import ErrorCode

_log = structlog.get_logger()

TICK_S = 0.25
LINGER_S = 2.0
"""How long to keep reading from a rejected client. Closing at once would reset the connection,
often before the client has read the response."""


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """Limits on size and duration of a connection's requests.

    `head_bytes` covers the request line and headers. Chunks are limited because each one costs a
    Python call, however small it is.
    """

    head_bytes: int = 16 * 1024
    headers: int = 100
    body_chunks: int = 10_000
    pipelined: int = 32
    head_timeout_s: float = 10.0
    body_timeout_s: float = 60.0


class _RefusedError(Exception):
    def __init__(self, status: HTTPStatus, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence


class HttpConnection(HttpToolsProtocol):
    """uvicorn's HTTP protocol with `RequestLimits`.

    Data is parsed in slices no larger than a head may be, with a check after each. Invariant:
    between two requests, `_in_head` is true and `_pending` is 0.
    """

    def __init__(self, limits: RequestLimits, wheel: Wheel, **uvicorn: Any) -> None:
        super().__init__(**uvicorn)
        self.bucket = -1
        self._limits = limits
        self._wheel = wheel
        self._in_head = True
        self._pending = 0  # bytes of an incomplete head
        self._chunks = 0
        self._fault: _RefusedError | None = None

    def connection_made(self, transport: Any) -> None:
        """Start the first request's deadline."""
        super().connection_made(transport)
        self._wheel.set(self, self._limits.head_timeout_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the deadline."""
        self._wheel.cancel(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse bytes within the limits."""
        if self._fault is not None:
            return
        self._unset_keepalive_if_required()
        try:
            self._feed(data)
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
                # The parser and this connection form a reference cycle: twenty objects of each
                # WebSocket would wait for the garbage collector, which stops the process.
                del self.parser
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause if isinstance(cause, _RefusedError) else _malformed())
        except _RefusedError as fault:
            self._refuse(fault)
        else:
            if self.bucket == -1 and (self._pending or not self._in_head):
                limits = self._limits
                self._wheel.set(
                    self, limits.head_timeout_s if self._in_head else limits.body_timeout_s
                )

    def on_message_begin(self) -> None:
        """Begin a request, unless too many are pipelined."""
        if len(self.pipeline) >= self._limits.pipelined:
            raise _malformed()
        self._chunks = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Start the request and the deadline of its body."""
        if len(self.headers) > self._limits.headers:
            raise self._head_too_large()
        self._in_head = False
        self._forget_deadline()
        super().on_headers_complete()
        if not self.parser.should_upgrade():
            self.headers = []  # trailers are collected here and ignored

    def on_body(self, body: bytes) -> None:
        """Add a chunk to the body, unless there are too many."""
        self._chunks += 1
        if self._chunks > self._limits.body_chunks:
            raise _RefusedError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                HttpCode.PAYLOAD_TOO_LARGE,
                f"The request body has more than {self._limits.body_chunks:,} chunks.",
            )
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Finish the request and expect the next head."""
        self._in_head = True
        self._pending = 0
        self._forget_deadline()
        super().on_message_complete()

    def due(self) -> None:
        """Time out a slow client, or close a rejected one that had time to read the response."""
        if self.transport.is_closing():
            return
        if self._fault is not None or (self._in_head and not self._pending):
            self.transport.close()
        elif self.flow.read_paused or (self._in_head and self._in_flight()):
            self._wheel.set(
                self, self._limits.body_timeout_s
            )  # the client is waiting for our response
        else:
            self._refuse(
                _RefusedError(
                    HTTPStatus.REQUEST_TIMEOUT,
                    HttpCode.REQUEST_TIMEOUT,
                    "The request took too long to arrive.",
                )
            )

    def _in_flight(self) -> bool:
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first request
        return cycle is not None and not cycle.response_complete

    def _feed(self, data: bytes) -> None:
        most, at = self._limits.head_bytes, 0
        while at < len(data):
            end = at + most - self._pending
            part = data[at:end] if at or end < len(data) else data
            at = end
            if self._in_head:
                self._pending += len(part)
            self.parser.feed_data(part)
            if not self._in_head:
                self._pending = 0
                if len(self.headers) > self._limits.headers:
                    raise self._head_too_large()
            elif self._pending >= most:
                raise self._head_too_large()

    def _forget_deadline(self) -> None:
        if self.bucket != -1:
            self._wheel.cancel(self)

    def _head_too_large(self) -> _RefusedError:
        limits = self._limits
        return _RefusedError(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            HttpCode.HEAD_TOO_LARGE,
            f"A request head may have {limits.head_bytes:,} bytes and {limits.headers} headers.",
        )

    def _refuse(self, fault: _RefusedError) -> None:
        """Close the connection, with an error response unless another one is still pending."""
        _log.info("http.request_refused", code=fault.code, reason=fault.sentence)
        self._fault = fault
        if self._in_head:
            answerable = not self._in_flight()
        else:
            answerable = not self.pipeline and not self.cycle.response_started
        if not answerable:
            self.transport.close()
            return
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write(_response(fault))
        self.transport.write_eof()
        self._wheel.set(self, LINGER_S)


def http_protocol(limits: RequestLimits | None = None) -> Callable[..., HttpConnection]:
    """Return the factory for `uvicorn.Config(http=…)`. All connections share one timer."""
    return partial(HttpConnection, limits or RequestLimits(), Wheel(TICK_S))


def _malformed() -> _RefusedError:
    return _RefusedError(
        HTTPStatus.BAD_REQUEST, ErrorCode.PAYLOAD_INVALID, "This is not a valid HTTP request."
    )


def _response(fault: _RefusedError) -> bytes:
    problem = problem_response(
        fault.status, fault.code, fault.sentence, headers={"Connection": "close"}
    )
    status = f"HTTP/1.1 {fault.status.value} {fault.status.phrase}\r\n".encode()
    lines = b"".join(b"%b: %b\r\n" % header for header in problem.raw_headers)
    return status + lines + b"\r\n" + bytes(problem.body)
