"""What polling and WebSocket sessions have in common, and their connections to namespaces."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

import orjson
from engineio import AsyncServer
from engineio.packet import MESSAGE as EIO_MESSAGE
from engineio.packet import Packet as EioPacket

from gateway.transport.bounded import JOIN_TIMEOUT, POLICY, Bounded, SharedBounds
from gateway.transport.decoding import BadPacketError, Incomplete
from gateway.transport.handshake import Handshake
from gateway.transport.output import NO_SLOTS
from gateway.transport.packets import RESERVE, TEXT, Message, Namespace, ack
from gateway.transport.places import Network
from gateway.transport.wheel import Wheel

SLOTS = (
    *("engine", "sid", "members", "handshake", "closed", "blocked", "bucket", "awaiting_pong"),
    *("opened_at", "held", "incomplete", "coalesced", "store", "budget", "settled", "network"),
)

Reason = AsyncServer.reason
SLOW_CONSUMER = "slow_consumer"
"""The reason that disconnect handlers get when a client did not read what it was sent."""

CONNECTING, CONNECTED, LEAVING = range(3)

Callback = Callable[..., Any]


class SessionEngine(SharedBounds, Protocol):
    """The engine as its sessions see it."""

    wheel: Wheel
    ping_timeout: float
    connect_timeout_s: float
    max_http_buffer_size: int
    max_payload_packets: int
    on_message: Callable[[Session, bytes], None]
    on_binary: Callable[[Session, bytes], None]
    on_end: Callable[[Session, str], None]

    def open_packet(self, sid: str, upgrades: list[str]) -> bytes:
        """The first packet of a session."""

    def remember(self, session: Session) -> None:
        """Register a session that has opened."""

    def replace(self, session: Session) -> None:
        """Register a session in place of the one with the same id."""

    def forget(self, session: Session, reason: str) -> None:
        """Remove a session that has ended."""

    def reject(self, session: Session, error: Exception) -> None:
        """Cut off a client that violates the protocol."""


class Session(Bounded):
    """An Engine.IO connection, with the methods that python-engineio calls on its own sockets.

    `members`: its connections to namespaces; None once it has left one.
    `held`: packets that wait for a connect handler, and whether they are text.
    `incomplete`: a packet that lacks attachments.
    """

    __slots__ = NO_SLOTS

    engine: SessionEngine
    sid: str
    members: dict[str, Member | None]
    handshake: Handshake
    bucket: int
    awaiting_pong: bool
    opened_at: float
    held: deque[tuple[bool, bytes]] | None
    incomplete: Incomplete | None
    store: dict[str, Any] | None

    connected = True
    upgraded = True
    closing = False

    def begin(
        self, engine: SessionEngine, sid: str, handshake: Handshake, network: Network
    ) -> None:
        """Initialize what subclasses have in common."""
        self.engine = engine
        self.sid = sid
        self.members = {}
        self.handshake = handshake.trimmed()
        self.closed = self.awaiting_pong = False
        self.blocked = True
        self.bucket = -1
        self.opened_at = time.monotonic()
        self.held = self.incomplete = self.coalesced = self.store = None
        self.network = network
        self.budget = engine.limits.packets
        self.settled = False

    @property
    def session(self) -> dict[str, Any]:
        """The user sessions of the namespaces."""
        if self.store is None:
            self.store = {}
        return self.store

    @session.setter
    def session(self, value: dict[str, Any]) -> None:
        self.store = value

    def pause(self) -> None:
        """Stop reading while packets are held."""

    def resume(self) -> None:
        """Read again."""

    def hold(self) -> None:
        """Handle no more packets. Call it again after a connect handler has ended."""
        if self.held is None:
            self.held = deque()

    @property
    def can_end(self) -> bool:
        """Whether what was put still reaches the client if the session ends now."""
        return True

    def finish(self, code: int | None, why: str = "") -> None:
        """Close the transport with this WebSocket close code, and say why; None: cut it."""
        raise NotImplementedError

    def expired(self) -> None:
        """Cut a transport that has not closed in time."""

    def end(self, reason: str, code: int | None = 1000, why: str = "") -> None:
        """Close the session, for all namespaces. `why` is told to the client, in up to 123 bytes of
        ASCII.
        """
        if self.closed:
            return
        self.closed = self.blocked = True
        self.coalesced = self.held = self.incomplete = None
        self.engine.wheel.cancel(self)
        self.engine.backlogs.forget(self)
        self.engine.forget(self, reason)
        self.finish(code, why)
        self.engine.on_end(self, reason)

    def cut_off(self) -> None:
        """End the session because its client reads too slowly."""
        self.end(SLOW_CONSUMER, code=None)

    def due(self) -> None:
        """Act on the deadline: of a ping, of a pong, or of the transport's end."""
        if self.closed:
            self.expired()
        elif self.awaiting_pong:
            self.end(Reason.PING_TIMEOUT)
        elif not self.members and time.monotonic() - self.opened_at > self.engine.connect_timeout_s:
            self.end(Reason.TRANSPORT_CLOSE)
        elif self.join_s() <= 0:
            self.end(JOIN_TIMEOUT, POLICY, "not joined in time")
        else:
            self.awaiting_pong = True
            self.budget = self.engine.limits.packets
            self.put_packet(b"2")
            self.engine.wheel.set(self, self.engine.ping_timeout)

    def receive(self, packet: bytes) -> None:
        """Handle a text packet. Binary ones go to `engine.on_binary`."""
        kind = packet[:1]
        if kind == b"4":
            self.engine.on_message(self, packet)
        elif kind == b"3":
            self._pong()
        elif kind == b"1":
            self.end(Reason.CLIENT_DISCONNECT, code=None)
        elif kind != b"6":
            raise BadPacketError("unexpected packet")

    def _pong(self) -> None:
        if self.awaiting_pong:
            self.awaiting_pong = False
            self.engine.wheel.set(self, self.next_due_s())

    async def send(self, packet: EioPacket) -> None:
        """Send a packet of python-engineio."""
        if packet.packet_type != EIO_MESSAGE:
            self.put_packet(packet.encode().encode())
        elif packet.binary:
            self.deliver(Message(b"", [packet.data]))
        else:
            self.deliver(Message(packet.encode().encode()))

    async def close(
        self, wait: bool = True, abort: bool = False, reason: str | None = None
    ) -> None:
        """End the session the way python-engineio does."""
        del wait
        self.end(reason or Reason.SERVER_DISCONNECT, None if abort else 1000)


class Member:
    """A session's connection to a namespace.

    `callbacks` wait for acknowledgements by id; `data` is the application's. `rooms` is a tuple,
    since most members are in one room only and a set takes 216 bytes.
    """

    __slots__ = ("callbacks", "data", "last_id", "namespace", "rooms", "session", "sid", "state")

    def __init__(self, sid: str, session: Session, namespace: Namespace) -> None:
        self.sid = sid
        self.session = session
        self.namespace = namespace
        self.state = CONNECTING
        self.rooms: tuple[Any, ...] = ()
        self.callbacks: dict[int, Callback] | None = None
        self.last_id = 0
        self.data: Any = None

    def ack(self, ack_id: int, *args: Any) -> bool:
        """Acknowledge an event; False if the client has gone meanwhile."""
        if self.state != CONNECTED:
            return False
        session = self.session
        if not session.blocked:
            try:
                buffer = bytearray(b"%b%d%b" % (self.namespace.ack, ack_id, orjson.dumps(args)))
            except TypeError:
                pass  # bytes, or what only `packets.dumps` encodes
            else:
                session.write(TEXT, buffer, RESERVE)
                return True
        session.deliver(ack(self.namespace.prefix, ack_id, args))
        return True

    def settle(self) -> None:
        """Exempt the connection from `Limits.join_timeout_s`."""
        self.session.settled = True

    def expect_ack(self, callback: Callback) -> int:
        """Register a callback; returns the id under which the client will acknowledge."""
        if self.callbacks is None:
            self.callbacks = {}
        self.last_id += 1
        self.callbacks[self.last_id] = callback
        return self.last_id
