"""Letting sessions into namespaces and out of them."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from socketio.exceptions import ConnectionRefusedError as Refused

from gateway.transport import encoding
from gateway.transport.encoding import CONNECT, CONNECT_ERROR, DISCONNECT
from gateway.transport.rooms import CONNECTED, CONNECTING, LEAVING, Member
from gateway.transport.running import Runner
from gateway.transport.session import Session

if TYPE_CHECKING:
    from gateway.transport.server import SocketServer

log = logging.getLogger(__name__)


class Admission:
    """Asks the connect handlers, and tells the disconnect handlers. `release` lets a session's
    packets through again.
    """

    def __init__(
        self, server: SocketServer, runner: Runner, release: Callable[[Session], None]
    ) -> None:
        self._server = server
        self._runner = runner
        self._release = release

    def connect(self, session: Session, name: str, auth: Any) -> None:
        """A client wants to connect to a namespace. Its other packets wait for the outcome."""
        server = self._server
        if not server.knows(name) or session.members.get(name) is not None:
            why = "Unable to connect" if server.knows(name) else "Invalid namespace"
            prefix = encoding.prefix(name)
            session.deliver(encoding.packet(CONNECT_ERROR, prefix, {"message": why}))
            return
        member = server.manager.add(session, name)
        if server.always_connect:
            self._accept(member)
        session.held = deque()
        self._runner.run(self._admit(member, auth), "connect", name)

    def dismiss(self, member: Member, reason: str) -> None:
        """A connection to a namespace has ended. If it does not stand yet, `_admit` will see."""
        if member.state == CONNECTED:
            self._server.manager.leave_all(member)
            work = self.say_goodbye(member, reason)
            self._runner.run(work, "disconnect", member.namespace.name)

    async def say_goodbye(self, member: Member, reason: str) -> None:
        """Tell the disconnect handler, which may still ask about the client."""
        name = member.namespace.name
        try:
            await self._server._trigger_event("disconnect", name, member.sid, reason)  # noqa: SLF001
        except Exception:
            log.exception("disconnect handler failed")
        finally:
            self._server.manager.remove(member)

    async def _admit(self, member: Member, auth: Any) -> None:
        try:
            why = await self._ask(member, auth)
        except BaseException:
            self._server.manager.remove(member)
            raise
        session = member.session
        if session.closed:
            if why is None:  # the application counts on hearing of its end
                member.state = LEAVING
                await self.say_goodbye(member, self._server.reason.TRANSPORT_CLOSE)
            else:
                self._server.manager.remove(member)
            return
        if why is not None:
            kind = DISCONNECT if self._server.always_connect else CONNECT_ERROR
            session.deliver(encoding.packet(kind, member.namespace.prefix, why))
            self._server.manager.remove(member)
        elif member.state == CONNECTING:
            self._accept(member)
        self._release(session)

    async def _ask(self, member: Member, auth: Any) -> Any:
        """What to tell a client that is refused; None: it may come in."""
        environ = member.session.handshake.environ()
        trigger = self._server._trigger_event  # noqa: SLF001
        name = member.namespace.name
        try:
            if auth:
                answer = await trigger("connect", name, member.sid, environ, auth)
            else:
                try:
                    answer = await trigger("connect", name, member.sid, environ, None)
                except TypeError as error:
                    try:  # an older signature
                        answer = await trigger("connect", name, member.sid, environ)
                    except TypeError:
                        raise error from None
        except Refused as refusal:
            return refusal.error_args
        except ConnectionRefusedError:
            return {"message": "Connection refused by server"}
        except Exception:
            log.exception("connect handler failed")
            return {"message": "Connection refused by server"}
        return Refused().error_args if answer is False else None

    def _accept(self, member: Member) -> None:
        hello = encoding.packet(CONNECT, member.namespace.prefix, {"sid": member.sid})
        member.session.deliver(hello)
        self._server.manager.accept(member)
