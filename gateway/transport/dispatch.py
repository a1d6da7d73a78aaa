"""From packets to handlers: a task only where a handler is a coroutine."""

from __future__ import annotations

import inspect
import logging
from collections import deque
from typing import TYPE_CHECKING, Any

import orjson

from gateway.transport.admission import Admission
from gateway.transport.decoding import MAX_ID_DIGITS, BadPacketError, Packet, decode
from gateway.transport.encoding import ACK, BINARY_ACK, CONNECT, DISCONNECT, EVENT
from gateway.transport.rooms import CONNECTED, FastHandler, Member
from gateway.transport.running import Runner
from gateway.transport.session import Session

if TYPE_CHECKING:
    from gateway.transport.server import SocketServer

RESERVED = frozenset(
    {
        "connect",
        "connect_error",
        "disconnect",
        "disconnecting",
        "newListener",
        "removeListener",
    }
)
"""Events that clients must not send: they stand for the libraries' own."""

log = logging.getLogger(__name__)


class Dispatch:
    """Takes in the messages of all sessions, of each in their order."""

    def __init__(self, server: SocketServer, max_attachments: int) -> None:
        self._server = server
        self._max_attachments = max_attachments
        self._fast: dict[bytes, tuple[str, dict[str, FastHandler]]] = {}
        self.runner = Runner(server)
        self.admission = Admission(server, self.runner, self.release)

    def add_fast(self, namespace: str, event: str, handler: FastHandler) -> None:
        """Let `handler` have the event before all others."""
        if event in RESERVED:
            raise ValueError(f"{event} is no event of clients")
        handlers = self._fast.setdefault(namespace.encode(), (namespace, {}))[1]
        handlers[event] = handler

    def on_message(self, session: Session, packet: bytes) -> None:
        """A text message. What begins like a plain event is decoded right here."""
        if session.held is not None or session.incomplete is not None or packet[1:2] != b"2":
            self._other(session, packet)
            return
        start = packet.find(b"[")
        head = packet[2:start]
        name = b"/"
        if head[:1] == b"/":
            name, _, head = head.partition(b",")
        route = self._fast.get(name)
        if route is None or start < 0 or not (head.isdigit() if head else True):
            self._other(session, packet)
            return
        try:
            data = orjson.loads(packet[start:])
        except orjson.JSONDecodeError as error:
            raise BadPacketError("invalid JSON") from error
        if not data or type(data[0]) is not str or len(head) > MAX_ID_DIGITS:
            raise BadPacketError("invalid event")
        namespace, handlers = route
        ack_id = int(head) if head else None
        handler = handlers.get(data[0])
        if handler is None:
            self._take(session, Packet(EVENT, namespace, ack_id, data))
            return
        member = session.members.get(namespace)
        if member is None or member.state != CONNECTED:
            self._member(session, namespace)
            return
        try:
            reply = handler(member, data[1:], ack_id)
        except Exception:
            log.exception("fast handler of %s failed", data[0])
            return
        if reply is not None and ack_id is not None:
            acknowledge(member, ack_id, reply)

    def on_binary(self, session: Session, payload: bytes) -> None:
        """A binary message: an attachment of the packet before."""
        if session.held is not None:
            self._hold(session, payload, text=False)
            return
        packet = session.incomplete
        if packet is None:
            raise BadPacketError("nothing to attach to")
        if packet.attach(payload):
            session.incomplete = None
            self._take(session, packet)

    def on_end(self, session: Session, reason: str) -> None:
        """A session has ended, and with it its connections to namespaces."""
        for member in list(session.members.values()):
            if member is not None:
                self.admission.dismiss(member, reason)

    def release(self, session: Session) -> None:
        """Go on with a session whose packets were held."""
        held: deque[tuple[bool, bytes]] = session.held or deque()
        session.held = None
        if held:
            session.resume()
        try:
            for text, payload in held:
                if session.closed:
                    return
                # This holds the rest again where one has to be waited for, too.
                (self.on_message if text else self.on_binary)(session, payload)
        except (BadPacketError, UnicodeDecodeError) as error:
            self._server.eio.reject(session, error)

    def _other(self, session: Session, packet: bytes) -> None:
        if session.held is not None:
            self._hold(session, packet, text=True)
        elif session.incomplete is not None:
            raise BadPacketError("text where an attachment is due")
        else:
            decoded = decode(packet[1:], self._max_attachments)
            if decoded.missing:
                self._member(session, decoded.namespace)
                session.incomplete = decoded
            else:
                self._take(session, decoded)

    def _hold(self, session: Session, payload: bytes, *, text: bool) -> None:
        assert session.held is not None
        if len(session.held) >= self._server.eio.max_payload_packets:
            raise BadPacketError("too many packets before the connection stands")
        if not session.held:
            session.pause()
        session.held.append((text, payload))

    def _take(self, session: Session, packet: Packet) -> None:
        if packet.kind == CONNECT:
            self.admission.connect(session, packet.namespace, packet.data)
            return
        member = self._member(session, packet.namespace)
        if member is None:
            return
        if packet.kind == DISCONNECT:
            self.admission.dismiss(member, self._server.reason.CLIENT_DISCONNECT)
        elif packet.kind in (ACK, BINARY_ACK):
            self._acknowledged(member, packet.ack_id, packet.data)
        elif packet.data[0] in RESERVED:
            self._server.reserved_event(member.sid, packet.namespace, packet.data[0], packet.ack_id)
        else:
            work = self._answer(member, packet.data, packet.ack_id)
            done = self.runner.run(work, packet.data[0], packet.namespace)
            if not done and not self._server.async_handlers:
                session.held = deque()

    async def _answer(self, member: Member, data: list[Any], ack_id: int | None) -> None:
        server, name = self._server, member.namespace.name
        try:
            reply = await server._trigger_event(data[0], name, member.sid, *data[1:])  # noqa: SLF001
            if reply is not server.not_handled and ack_id is not None:
                acknowledge(member, ack_id, () if reply is None else reply)
        except Exception:
            log.exception("handler of %s failed", data[0])
        if not server.async_handlers and member.session.held is not None:
            self.release(member.session)

    def _acknowledged(self, member: Member, ack_id: int | None, args: list[Any]) -> None:
        callback = (member.callbacks or {}).pop(ack_id or 0, None)
        if callback is None:
            return
        try:
            result = callback(*args)
        except Exception:
            log.exception("callback failed")
            return
        if inspect.iscoroutine(result):
            self.runner.start(result)

    def _member(self, session: Session, namespace: str) -> Member | None:
        """Who is meant; None if the server has just ended this connection to the namespace."""
        if namespace not in session.members:
            raise BadPacketError("not connected to this namespace")
        member = session.members[namespace]
        return member if member is not None and member.state == CONNECTED else None


def acknowledge(member: Member, ack_id: int, reply: Any) -> None:
    """Send an acknowledgement; a tuple stands for several arguments."""
    member.ack(ack_id, *(reply if isinstance(reply, tuple) else (reply,)))
