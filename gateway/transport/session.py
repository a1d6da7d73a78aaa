"""What polling and WebSocket sessions have in common: a heartbeat, an end, and bounded output."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engineio.packet import MESSAGE as EIO_MESSAGE
from engineio.packet import Packet as EioPacket

from gateway.transport.encoding import Message
from gateway.transport.handshake import Handshake

if TYPE_CHECKING:
    from gateway.transport.decoding import Packet
    from gateway.transport.engine import Engine
    from gateway.transport.rooms import Member

SLOTS = (
    "engine",
    "sid",
    "members",
    "handshake",
    "closed",
    "blocked",
    "bucket",
    "awaiting_pong",
    "opened_at",
    "held",
    "incomplete",
    "coalesced",
    "store",
)

NO_SLOTS: tuple[str, ...] = ()
"""Of a base that picows' listener can be mixed with; subclasses have the real ones."""

SLOW_CONSUMER = "slow_consumer"
"""The reason that disconnect handlers get when a client did not read what it was sent."""


class Session:
    """An Engine.IO connection. It answers to what python-engineio calls on its own sockets.

    `blocked`: output must not be written directly, since something waits before it or the session
    is not open. Otherwise anyone may call ``write(TEXT, message.buffer, RESERVE)``.
    `members`: its connections to namespaces; None once it has left one.
    `held`: packets that wait for a connect handler, and whether they are text.
    `incomplete`: a packet that lacks attachments.
    `coalesced`: the newest message of each key, sent when there is room.
    """

    __slots__ = NO_SLOTS

    engine: Engine
    sid: str
    members: dict[str, Member | None]
    handshake: Handshake
    closed: bool
    blocked: bool
    bucket: int
    awaiting_pong: bool
    opened_at: float
    held: deque[tuple[bool, bytes]] | None
    incomplete: Packet | None
    coalesced: dict[str, Message] | None
    store: dict[str, Any] | None
    write: Callable[[int, bytearray, int], Any]

    connected = True
    upgraded = True
    closing = False

    def begin(self, engine: Engine, sid: str, handshake: Handshake) -> None:
        """Set all that subclasses have in common."""
        self.engine = engine
        self.sid = sid
        self.members = {}
        self.handshake = handshake.trimmed()
        self.closed = self.awaiting_pong = False
        self.blocked = True
        self.bucket = -1
        self.opened_at = time.monotonic()
        self.held = self.incomplete = self.coalesced = self.store = None

    @property
    def session(self) -> dict[str, Any]:
        """The user sessions of the namespaces."""
        if self.store is None:
            self.store = {}
        return self.store

    @session.setter
    def session(self, value: dict[str, Any]) -> None:
        self.store = value

    def deliver(self, message: Message, key: str | None = None) -> None:
        """Send now if possible, else keep for later, up to the limit.

        A message with a `key` replaces the one of the same key that is waiting. Others stay
        behind what was sent before them.
        """
        if self.closed:
            return
        if not self.blocked:
            self.put(message)
        elif key is not None and not self.ready():
            if self.coalesced is None:
                self.coalesced = {}
            if self.coalesced.pop(key, None) is not None:
                self.engine.counters["coalesced"] += 1
            self.coalesced[key] = message
        else:
            self.put_coalesced()
            self.put(message)
            self._check_backlog()

    def put_coalesced(self) -> None:
        """Send what has been held back."""
        if self.coalesced:
            waiting, self.coalesced = self.coalesced, None
            for message in waiting.values():
                self.put(message)

    def pause(self) -> None:
        """Take in no more for now, since packets are held."""

    def resume(self) -> None:
        """Take in more again."""

    def hold(self) -> None:
        """Take in no packets any more; to be called again after a connect handler has ended."""
        if self.held is None:
            self.held = deque()

    @property
    def can_end(self) -> bool:
        """Whether what was put will still reach the client if the session ends now."""
        return True

    def ready(self) -> bool:
        """Whether what is put will leave at once although the session is `blocked`."""
        return False

    def put(self, message: Message) -> None:
        """Hand a message to the transport, whether or not it can be written at once."""
        raise NotImplementedError

    def put_packet(self, packet: bytes) -> None:
        """Do the same with a packet that is no message."""
        raise NotImplementedError

    def backlog(self) -> int:
        """How many bytes are waiting."""
        raise NotImplementedError

    def finish(self, code: int | None) -> None:
        """Close the transport with this WebSocket close code; None: cut it."""
        raise NotImplementedError

    def expired(self) -> None:
        """The transport has not closed in time."""

    def end(self, reason: str, code: int | None = 1000) -> None:
        """Close the session, for all namespaces."""
        if self.closed:
            return
        self.closed = self.blocked = True
        self.coalesced = self.held = self.incomplete = None
        self.engine.wheel.cancel(self)
        self.engine.forget(self, reason)
        self.finish(code)
        self.engine.on_end(self, reason)

    def cut_off(self) -> None:
        """End a session whose client reads too slowly."""
        self.end(SLOW_CONSUMER, code=None)

    def due(self) -> None:
        """A ping is due, or the answer to one, or the end of a transport."""
        if self.closed:
            self.expired()
        elif self.awaiting_pong:
            self.end(self.engine.reason.PING_TIMEOUT)
        elif not self.members and time.monotonic() - self.opened_at > self.engine.connect_timeout_s:
            self.end(self.engine.reason.TRANSPORT_CLOSE)
        else:
            self.awaiting_pong = True
            self.put_packet(b"2")
            self.engine.wheel.set(self, self.engine.ping_timeout)

    def pong(self) -> None:
        """The client is there."""
        if self.awaiting_pong:
            self.awaiting_pong = False
            self.engine.wheel.set(self, self.engine.ping_interval)

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
        code = None if abort else 1000
        self.end(reason or self.engine.reason.SERVER_DISCONNECT, code)

    def _check_backlog(self) -> None:
        if self.backlog() > self.engine.max_backlog_bytes and not self.closed:
            self.blocked = True
            # Later: rooms that this session will leave may be iterated over just now.
            asyncio.get_running_loop().call_soon(self.cut_off)
