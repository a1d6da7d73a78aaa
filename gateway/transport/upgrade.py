"""WebSocket upgrades: takes connections over from uvicorn and passes them to picows."""

from __future__ import annotations

import asyncio
import http
import logging
from typing import Any, cast

import orjson
from picows import WSListener

from gateway.transport.engine import Engine, Refusal
from gateway.transport.handshake import Handshake
from gateway.transport.reading import Protocol

_quiet = logging.getLogger("picows.server")
_quiet.setLevel(logging.CRITICAL)  # it logs every connection, and clients' mistakes as errors
# An adapter: from a `Logger`, picows would derive one of its own (1 KB) for each connection.
_log = logging.LoggerAdapter(_quiet, {})


class UpgradeProtocol(asyncio.Protocol):
    """The protocol of a connection from its upgrade request until picows takes over.

    uvicorn calls `connection_made`, then `data_received` with the request, then makes this the
    connection's protocol. `config`, `server_state` and `app_state` are uvicorn's.
    """

    def __init__(
        self, engine: Engine, path: str, config: Any, server_state: Any, app_state: Any
    ) -> None:
        del app_state
        self._engine = engine
        self._path = path
        self._root_path: str = config.root_path
        self._connections: set[Any] = server_state.connections
        self._transport: asyncio.Transport
        self._picows: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is not one by type

    def data_received(self, data: bytes) -> None:
        """Handle the request, and what a hasty client sends before picows reads by itself."""
        if self._picows is not None:
            _feed(self._picows, data)
            return
        if self._transport.is_closing():
            return
        peer = self._transport.get_extra_info("peername")
        client = (str(peer[0]), int(peer[1])) if isinstance(peer, tuple) else None
        handshake = Handshake(data, client, self._root_path)
        if not f"{handshake.path}/".startswith(self._path):
            self._refuse(Refusal(404, "Not Found"))
            return
        outcome = self._engine.admit(handshake)
        if isinstance(outcome, Refusal):
            self._refuse(outcome)
            return
        outcome.connections = self._connections
        self._picows = _picows(outcome, self._engine.max_http_buffer_size)
        self._picows.connection_made(self._transport)
        _feed(self._picows, _request(handshake))
        if outcome.transport is None:  # picows has refused the request
            outcome.free_place()
        # uvicorn is about to set this protocol on the transport.
        asyncio.get_running_loop().call_soon(self._transport.set_protocol, self._picows)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell picows, if it has the connection already."""
        if self._picows is not None:
            self._picows.connection_lost(exc)

    def _refuse(self, refusal: Refusal) -> None:
        body = orjson.dumps(refusal.message)
        phrase = http.HTTPStatus(refusal.status).phrase
        head = (
            f"HTTP/1.1 {refusal.status} {phrase}\r\ncontent-type: text/plain\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self._transport.write(head.encode() + body)
        self._transport.close()


def _picows(listener: WSListener, max_frame_bytes: int) -> Any:
    return Protocol(
        host_port=None,
        ws_path=None,
        is_client_side=False,
        ws_listener_factory=lambda _request: listener,
        logger=_log,
        disconnect_on_exception=True,
        websocket_handshake_timeout=None,
        enable_auto_ping=False,
        auto_ping_idle_timeout=None,
        auto_ping_reply_timeout=None,
        auto_ping_strategy=1,
        enable_auto_pong=False,
        max_frame_size=max_frame_bytes,
        extra_headers=None,
        read_buffer_init_size=0,
    )


def _request(handshake: Handshake) -> bytes:
    """The request with the headers that picows reads. It does not understand
    ``Connection: keep-alive, Upgrade``, which Firefox sends.
    """
    headers = dict(handshake.headers())
    names = (b"upgrade", b"sec-websocket-version", b"sec-websocket-key")
    lines = [name + b": " + headers.get(name, b"") for name in names]
    return b"\r\n".join([b"GET / HTTP/1.1", b"Connection: Upgrade", *lines, b"", b""])


def _feed(protocol: Any, data: bytes) -> None:
    view = memoryview(data)
    while view:
        buffer = protocol.get_buffer(-1)
        size = min(len(buffer), len(view))
        buffer[:size] = view[:size]
        protocol.buffer_updated(size)
        view = view[size:]
