"""Letting sessions into namespaces, and out again."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from socketio.exceptions import ConnectionRefusedError as Refused

from gateway.transport import packets
from gateway.transport.handlers import Handlers
from gateway.transport.manager import ClientManager
from gateway.transport.packets import CONNECT, CONNECT_ERROR, DISCONNECT
from gateway.transport.session import CONNECTED, CONNECTING, LEAVING, Member, Reason, Session

FAILED = {"message": "Connection refused by server"}

OnAccepted = Callable[[Member], Awaitable[None]]

log = logging.getLogger(__name__)


class Admission:
    """Calls connect and disconnect handlers.

    `always_connect`: send CONNECT before the connect handler has run.
    """

    def __init__(self, handlers: Handlers, manager: ClientManager, *, always_connect: bool) -> None:
        self._handlers = handlers
        self._manager = manager
        self._always_connect = always_connect
        self._on_accepted: dict[str, OnAccepted] = {}

    def on_accepted(self, namespace: str, hook: OnAccepted) -> None:
        """Call `hook` for each member that its connect handler has accepted."""
        self._on_accepted[namespace] = hook

    def connect(
        self, session: Session, name: str, auth: Any, release: Callable[[Session], None]
    ) -> None:
        """Connect a session to a namespace. Its packets are held until `release` is called."""
        known = self._handlers.accepts(name)
        if not known or session.members.get(name) is not None:
            why = "Unable to connect" if known else "Invalid namespace"
            prefix = packets.prefix(name)
            session.deliver(packets.packet(CONNECT_ERROR, prefix, {"message": why}))
            return
        member = self._manager.add(session, name)
        if self._always_connect:
            self._accept(member)
        session.held = deque()
        work = self._admit(member, auth, release)
        if name in self._on_accepted:  # a coroutine, whatever the handler is
            self._handlers.start(work)
        else:
            self._handlers.run(work, "connect", name)

    def dismiss(self, member: Member, reason: str) -> None:
        """End a connection to a namespace. `_admit` handles those that are still connecting."""
        if member.state == CONNECTED:
            self._manager.leave_all(member)
            work = self.call_disconnect(member, reason)
            self._handlers.run(work, "disconnect", member.namespace.name)

    async def call_disconnect(self, member: Member, reason: str) -> None:
        """Call the disconnect handler, which may still ask about the member; then forget it."""
        try:
            await self._handlers.call("disconnect", member.namespace.name, member.sid, reason)
        except Exception:
            log.exception("disconnect handler failed")
        finally:
            self._manager.remove(member)

    async def _admit(self, member: Member, auth: Any, release: Callable[[Session], None]) -> None:
        try:
            refusal = await self._call_connect(member, auth)
        except BaseException:
            self._manager.remove(member)
            raise
        session = member.session
        if session.closed:
            await self._left_meanwhile(member, accepted=refusal is None)
            return
        if refusal is not None:
            kind = DISCONNECT if self._always_connect else CONNECT_ERROR
            session.deliver(packets.packet(kind, member.namespace.prefix, refusal))
            self._manager.remove(member)
        elif member.state == CONNECTING:
            self._accept(member)
        release(session)
        hook = self._on_accepted.get(member.namespace.name)
        # Not accepted, or a held packet has ended the connection.
        if hook is None or member.state != CONNECTED:
            return
        try:
            await hook(member)
        except Exception:
            log.exception("accepted hook failed")

    async def _left_meanwhile(self, member: Member, *, accepted: bool) -> None:
        if accepted:  # the application expects a disconnect for each connect
            member.state = LEAVING
            await self.call_disconnect(member, Reason.TRANSPORT_CLOSE)
        else:
            self._manager.remove(member)

    async def _call_connect(self, member: Member, auth: Any) -> Any:
        """What to tell a client that is refused; None if it is accepted."""
        environ = member.session.handshake.environ()
        arguments = (member.namespace.name, member.sid, environ)
        call = self._handlers.call
        try:
            if auth:
                result = await call("connect", *arguments, auth)
            else:
                try:
                    result = await call("connect", *arguments, None)
                except TypeError as error:
                    try:  # a handler that takes no `auth`
                        result = await call("connect", *arguments)
                    except TypeError:
                        raise error from None
        except Refused as refusal:
            return refusal.error_args
        except ConnectionRefusedError:
            return FAILED
        except Exception:
            log.exception("connect handler failed")
            return FAILED
        return Refused().error_args if result is False else None

    def _accept(self, member: Member) -> None:
        hello = packets.packet(CONNECT, member.namespace.prefix, {"sid": member.sid})
        member.session.deliver(hello)
        self._manager.accept(member)
