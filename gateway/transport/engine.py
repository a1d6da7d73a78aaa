"""The Engine.IO server: sessions by id, handshakes and heartbeats."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import engineio
import orjson

from gateway.transport.backlogs import Backlogs
from gateway.transport.bounded import POLICY, TOO_MANY_PACKETS
from gateway.transport.decoding import TooManyPacketsError
from gateway.transport.handshake import MAX_QUERY_BYTES, Handshake, joined
from gateway.transport.limits import Limits
from gateway.transport.places import FULL, NETWORK_FULL, Network, Places
from gateway.transport.polling import PollingSession
from gateway.transport.session import Reason, Session
from gateway.transport.websocket import ClosingSocket, WebSocketSession
from gateway.transport.wheel import Wheel

log = logging.getLogger(__name__)

QUERY_TOO_LONG = "The query is too long"
WARN_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """The HTTP error with which a WebSocket handshake is rejected."""

    status: int
    message: str


NO_PLACE = {
    FULL: Refusal(503, "The server is full"),
    NETWORK_FULL: Refusal(429, "Too many connections from your network"),
}


class Engine(engineio.AsyncServer):  # type: ignore[misc]
    """python-engineio's server for polling; WebSocket sessions are opened by `admit`.

    `on_message(session, text)` is called with text messages (from the packet type on),
    `on_binary` with binary ones, `on_end(session, reason)` once for each session.
    `counters` counts ended sessions (`end:` and the reason), refused ones (`refused:` and the
    reason), `opened`, `bad_packets`, `coalesced`.
    """

    def __init__(
        self,
        *,
        max_backlog_bytes: int = 1_000_000,
        max_payload_packets: int = 1000,
        connect_timeout_s: float = 45.0,
        session_tag: str = "",
        limits: Limits | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**{"async_mode": "asgi", **options, "monitor_clients": False})
        self.max_backlog_bytes = max_backlog_bytes
        self.max_payload_packets = max_payload_packets
        self.connect_timeout_s = connect_timeout_s
        self._id_prefix = f"{session_tag}." if session_tag else ""
        self.limits = limits or Limits()
        self.places = Places(self.limits)
        self.backlogs = Backlogs(self.limits.backlog_bytes)
        self.counters: Counter[str] = Counter()
        self.accepting = True
        self._warned_at = -WARN_EVERY_S
        shortest = min(self.ping_interval, self.ping_timeout)
        self.wheel = Wheel(min(max(shortest / 40, 0.01), 0.5))
        self.on_message: Callable[[Session, bytes], None]
        self.on_binary: Callable[[Session, bytes], None]
        self.on_end: Callable[[Session, str], None]

    def generate_id(self) -> str:
        """Make a session id. It begins with the tag by which a load balancer finds this process,
        the only one that knows the session.
        """
        return f"{self._id_prefix}{super().generate_id()}"

    def open_packet(self, sid: str, upgrades: list[str]) -> bytes:
        """The first packet of a session."""
        interval_s = self.ping_interval + self.ping_interval_grace_period
        return b"0" + orjson.dumps(
            {
                "sid": sid,
                "upgrades": upgrades,
                "pingTimeout": int(self.ping_timeout * 1000),
                "pingInterval": int(interval_s * 1000),
                "maxPayload": self.max_http_buffer_size,
            }
        )

    def admit(self, handshake: Handshake) -> WebSocketSession | ClosingSocket | Refusal:
        """Open a session for a WebSocket handshake, or refuse it."""
        if not self.accepting:
            return Refusal(503, "The server is stopping")
        if len(handshake.query_string) > MAX_QUERY_BYTES:
            return Refusal(400, QUERY_TOO_LONG)
        environ, query = handshake.environ(), handshake.query
        origin = environ.get("HTTP_ORIGIN")
        if origin and self.cors_allowed_origins != []:
            allowed = self._cors_allowed_origins(environ)
            if allowed is not None and origin not in allowed:
                return Refusal(400, f"{origin} is not an accepted origin.")
        if query.get("transport") != ["websocket"] or "websocket" not in self.transports:
            return Refusal(400, "Invalid transport")
        if "sid" not in query:
            if query.get("EIO") != ["4"]:
                return Refusal(400, "Unsupported version of the Engine.IO protocol")
            network = self._place_for(self.limits.network_of(handshake))
            if isinstance(network, Refusal):
                return network
            return WebSocketSession(self, self.generate_id(), handshake, network)
        return self._upgrade(query["sid"][0])

    def _upgrade(self, sid: str) -> WebSocketSession | ClosingSocket | Refusal:
        session = self.sockets.get(sid)
        if isinstance(session, WebSocketSession):  # as the protocol's test suite demands
            return ClosingSocket()
        if not isinstance(session, PollingSession) or not self.allow_upgrades:
            return Refusal(400, f"Invalid session {sid}")
        network = self._place_for(session.network_name)
        if isinstance(network, Refusal):
            return network
        return WebSocketSession(self, sid, session.handshake, network, session)

    def remember(self, session: Session) -> None:
        """Register a session that has opened."""
        self.sockets[session.sid] = session
        self.counters["opened"] += 1
        self.wheel.set(session, session.next_due_s())

    def replace(self, session: Session) -> None:
        """Register a session in place of the one with the same id."""
        self.sockets[session.sid] = session
        for member in session.members.values():
            if member is not None:
                member.session = session
        wait_s = self.ping_timeout if session.awaiting_pong else session.next_due_s()
        self.wheel.set(session, wait_s)

    def forget(self, session: Session, reason: str) -> None:
        """Remove a session that has ended."""
        # Not if it is a WebSocket that should have taken over from the one that is open.
        if self.sockets.get(session.sid) is session:
            del self.sockets[session.sid]
            self.counters[f"end:{reason}"] += 1

    def reject(self, session: Session, error: Exception) -> None:
        """Cut off a client that violates the protocol or sends too much."""
        if isinstance(error, TooManyPacketsError):
            session.end(TOO_MANY_PACKETS, POLICY, str(error))
            return
        self.counters["bad_packets"] += 1
        log.info("bad packet: %s", error)
        session.end(Reason.TRANSPORT_ERROR, 1002, str(error))

    async def handle_request(self, scope: Any, receive: Any, send: Any) -> Any:
        """Handle an HTTP request; the protocol's test suite says which parameters are valid."""
        if scope["type"] == "websocket":
            # `UpgradeProtocol` handles these, so the server runs without it.
            await send({"type": "websocket.close"})
            return None
        if not self.accepting and not self._knows(scope["query_string"]):
            return await _respond(send, 503, b"The server is stopping")
        if scope["method"] not in ("GET", "POST", "OPTIONS"):
            return await _respond(send, 400, b"Bad request method")
        if scope["method"] != "OPTIONS" and b"transport=" not in scope["query_string"]:
            return await _respond(send, 400, b"Invalid transport")
        if len(scope["query_string"]) > MAX_QUERY_BYTES:
            return await _respond(send, 400, QUERY_TOO_LONG.encode())
        scope = {**scope, "headers": joined(scope["headers"])}
        return await super().handle_request(scope, receive, send)

    def _knows(self, query_string: bytes) -> bool:
        sids = parse_qs(query_string[:MAX_QUERY_BYTES].decode("latin-1")).get("sid", [""])
        return sids[0] in self.sockets

    async def disconnect(self, sid: str | None = None) -> None:
        """End one session, or all."""
        for session in list(self.sockets.values()) if sid is None else [self.sockets.get(sid)]:
            if session is not None:
                await session.close(reason=Reason.SERVER_DISCONNECT)

    async def shutdown(self) -> None:
        """Refuse new sessions and end all others, whose clients connect elsewhere."""
        self.accepting = False
        for session in list(self.sockets.values()):
            session.end(Reason.SERVER_DISCONNECT, code=1001)

    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> Any:
        handshake = Handshake.from_scope(environ["asgi.scope"])
        network = self._place_for(self.limits.network_of(handshake))
        if isinstance(network, Refusal):
            return {
                "status": f"{network.status} REFUSED",
                "headers": [("Content-Type", "text/plain")],
                "response": orjson.dumps(network.message),
            }
        session = PollingSession(self, self.generate_id(), handshake, network)
        self.remember(session)
        session.put_packet(self.open_packet(session.sid, self._upgrades(session.sid, transport)))
        headers = None
        if self.cookie:
            plain = {"name": self.cookie, "path": "/", "SameSite": "Lax"}
            attributes = self.cookie if isinstance(self.cookie, dict) else plain
            headers = [("Set-Cookie", self._generate_sid_cookie(session.sid, attributes))]
        packets = await session.handle_get_request(environ)
        return self._ok(packets, headers=headers, jsonp_index=jsonp_index)

    def _place_for(self, network: str) -> Network | Refusal:
        why = self.places.why_refused(network)
        if why is None:
            return self.places.take(network)
        self.counters[f"refused:{why}"] += 1
        if time.monotonic() - self._warned_at >= WARN_EVERY_S:
            self._warned_at = time.monotonic()
            log.warning("connections are refused: %s", why)
        return NO_PLACE[why]

    def _ok(
        self, packets: Any = None, headers: Any = None, jsonp_index: int | None = None
    ) -> dict[str, Any]:
        response: dict[str, Any] = super()._ok(packets, headers, jsonp_index)
        if packets is None:
            response["response"] = b"ok"
        return response


async def _respond(send: Any, status: int, message: bytes) -> None:
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(message.decode())})
