"""From incoming packets to handlers; a task only where a handler is a coroutine."""

from __future__ import annotations

import inspect
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from gateway.transport.admission import Admission
from gateway.transport.bounded import CONNECT_COST
from gateway.transport.decoding import MALFORMED, BadPacketError, Incomplete, Packet, decode
from gateway.transport.handlers import Handlers
from gateway.transport.packets import ACK, BINARY_ACK, CONNECT, DISCONNECT, EVENT
from gateway.transport.session import CONNECTED, Member, Reason, Session

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
"""Events that clients must not send: the libraries emit them themselves."""

AnyHandler = Callable[[Member, list[Any], int | None], None]
FastHandler = Callable[[Member, list[Any], int | None], Any]
OnReserved = Callable[[Member, str, int | None], None]
Reject = Callable[[Session, Exception], None]

log = logging.getLogger(__name__)


class Receiver:
    """Handles the messages of all sessions, each session's in order.

    `on_reserved` is called with `RESERVED` events, `reject` with packets that were held and turn
    out to be malformed. `max_held`: how many packets may wait for a connect handler. `in_order`:
    an event waits until the handler of the one before has returned.
    """

    def __init__(
        self,
        handlers: Handlers,
        admission: Admission,
        on_reserved: OnReserved,
        reject: Reject,
        *,
        max_attachments: int,
        max_held: int,
        in_order: bool,
    ) -> None:
        self._handlers = handlers
        self._admission = admission
        self._on_reserved = on_reserved
        self._reject = reject
        self._max_attachments = max_attachments
        self._max_held = max_held
        self._in_order = in_order
        self._fast: dict[tuple[str, str], FastHandler] = {}
        self._any: dict[str, AnyHandler] = {}

    def add_fast(self, namespace: str, event: str, handler: FastHandler) -> None:
        """Register a handler that takes precedence over all others."""
        if event in RESERVED:
            raise ValueError(f"{event} is not an event of clients")
        self._fast[namespace, event] = handler

    def add_any(self, namespace: str, handler: AnyHandler) -> None:
        """Register a handler of all events for which there is no fast handler."""
        self._any[namespace] = handler

    def on_message(self, session: Session, text: bytes) -> None:
        """Handle a text message, from the packet type on."""
        if session.held is not None:
            self._hold(session, text, is_text=True)
            return
        if session.incomplete is not None:
            raise BadPacketError("text where an attachment is due")
        packet = decode(text, self._max_attachments)
        kind, namespace, ack_id, data, _ = packet
        handler = self._fast.get((namespace, data[0])) if kind == EVENT else None
        member = session.members.get(namespace)
        if handler is None or member is None or member.state != CONNECTED:
            self._take(session, packet)
            return
        try:
            reply = handler(member, data[1:], ack_id)
        except Exception:
            log.exception("fast handler of %s failed", data[0])
            return
        if reply is None or ack_id is None:
            return
        if type(reply) is tuple:
            member.ack(ack_id, *reply)
        else:
            member.ack(ack_id, reply)

    def on_binary(self, session: Session, payload: bytes) -> None:
        """Handle a binary message: an attachment of the packet before."""
        if session.held is not None:
            self._hold(session, payload, is_text=False)
            return
        if session.incomplete is None:
            raise BadPacketError("nothing to attach to")
        packet = session.incomplete.attach(payload)
        if packet is not None:
            session.incomplete = None
            self._take(session, packet)

    def on_end(self, session: Session, reason: str) -> None:
        """End the connections to namespaces of a session that has ended."""
        for member in list(session.members.values()):
            if member is not None:
                self._admission.dismiss(member, reason)

    def release(self, session: Session) -> None:
        """Handle the packets that were held."""
        held: deque[tuple[bool, bytes]] = session.held or deque()
        session.held = None
        if held:
            session.resume()
        try:
            for is_text, payload in held:
                if session.closed:
                    return
                # A packet that has to be waited for makes this hold the rest again.
                (self.on_message if is_text else self.on_binary)(session, payload)
        except MALFORMED as error:
            self._reject(session, error)

    def _hold(self, session: Session, payload: bytes, *, is_text: bool) -> None:
        assert session.held is not None
        if len(session.held) >= self._max_held:
            raise BadPacketError("too many packets before the connection is accepted")
        if not session.held:
            session.pause()
        session.held.append((is_text, payload))

    def _take(self, session: Session, packet: Packet) -> None:
        """Handle a packet that is not for a fast handler."""
        kind, namespace, ack_id, data, missing = packet
        if kind == CONNECT:
            session.spend(CONNECT_COST)
            self._admission.connect(session, namespace, data, self.release)
            return
        if namespace not in session.members:
            raise BadPacketError("not connected to this namespace")
        member = session.members[namespace]
        if missing:
            session.incomplete = Incomplete(packet)
        elif member is None or member.state != CONNECTED:
            return  # the server has just ended this connection
        elif kind == DISCONNECT:
            self._admission.dismiss(member, Reason.CLIENT_DISCONNECT)
        elif kind in (ACK, BINARY_ACK):
            self._acknowledged(member, ack_id, data)
        elif data[0] in RESERVED:
            self._on_reserved(member, data[0], ack_id)
        elif namespace in self._any:
            self._any[namespace](member, data, ack_id)
        else:
            work = self._handle(member, data, ack_id)
            done = self._handlers.run(work, data[0], namespace)
            if not done and self._in_order:
                session.held = deque()

    async def _handle(self, member: Member, data: list[Any], ack_id: int | None) -> None:
        event, *args = data
        try:
            reply = await self._handlers.call(event, member.namespace.name, member.sid, *args)
            if reply is not self._handlers.missing and ack_id is not None:
                _acknowledge(member, ack_id, () if reply is None else reply)
        except Exception:
            log.exception("handler of %s failed", event)
        if self._in_order and member.session.held is not None:
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
            self._handlers.start(result)


def _acknowledge(member: Member, ack_id: int, reply: Any) -> None:
    """Send an acknowledgement; a tuple stands for several arguments."""
    member.ack(ack_id, *(reply if isinstance(reply, tuple) else (reply,)))
