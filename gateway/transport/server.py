"""The Socket.IO server on which applications register handlers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from functools import partial
from typing import Any

import socketio

from gateway.transport import packets
from gateway.transport.admission import Admission, OnAccepted
from gateway.transport.bounded import POLICY
from gateway.transport.decoding import BadPacketError
from gateway.transport.emitting import Emitting
from gateway.transport.engine import Engine
from gateway.transport.handlers import Handlers
from gateway.transport.manager import ClientManager
from gateway.transport.packets import DISCONNECT
from gateway.transport.receiving import AnyHandler, FastHandler, Receiver
from gateway.transport.session import CONNECTED, Member, Reason
from gateway.transport.upgrade import UpgradeProtocol

PATH = "socket.io"
HANDLERS_END_S = 2.0
"""How long `shutdown` waits for disconnect handlers."""


class SocketServer(Emitting):
    """A `socketio.AsyncServer` whose packets bypass the stock one.

    Options besides those of the stock server: `max_backlog_bytes` a socket may leave unread,
    `max_attachments` of a packet, `max_payload_packets` of an HTTP request,
    `connect_timeout_s` until the first CONNECT (checked when pings are due), `session_tag`, with
    which session ids begin, before a dot, `limits` of sessions.
    `json`, `serializer`, `client_manager` and `instrument` are not supported.
    """

    def __init__(self, *, max_attachments: int = 10, **options: Any) -> None:
        unsupported = {"json", "serializer", "client_manager", "monitor_clients"} & set(options)
        if unsupported:
            raise ValueError(f"not supported here: {', '.join(sorted(unsupported))}")
        super().__init__(client_manager=ClientManager(), **options)
        self._handlers = Handlers(self)
        self._admission = Admission(
            self._handlers, self.manager, always_connect=self.always_connect
        )
        self._receiver = Receiver(
            self._handlers,
            self._admission,
            self.on_reserved,
            self.eio.reject,
            max_attachments=max_attachments,
            max_held=self.eio.max_payload_packets,
            in_order=not self.async_handlers,
        )
        self.eio.on_message = self._receiver.on_message
        self.eio.on_binary = self._receiver.on_binary
        self.eio.on_end = self._receiver.on_end
        self.environ = _Environs(self.eio)
        self.counters = self.eio.counters

    def asgi(self, other: Any = None, path: str = PATH) -> Any:
        """Make an ASGI application: long-polling under `path`, `other` for all other paths."""
        return socketio.ASGIApp(self, other, socketio_path=path)

    def websocket_protocol(self, path: str = PATH) -> Callable[..., asyncio.Protocol]:
        """Make the `ws` option of `uvicorn.Config`, for WebSockets under `path`."""
        return partial(UpgradeProtocol, self.eio, f"/{path.strip('/')}/")

    def on_fast(self, namespace: str, event: str, handler: FastHandler) -> None:
        """Register a plain function for an event, called without a task and before other handlers.

        ``handler(member, args, ack_id)`` returns the ack (a tuple: several arguments), or None and
        calls `member.ack` later. `member.data` is for the application. Events with binary
        arguments go to other handlers.
        """
        self._receiver.add_fast(namespace, event, handler)

    def on_any(self, namespace: str, handler: AnyHandler) -> None:
        """Register a plain function for all events without a fast handler, and for those with
        binary arguments: ``handler(member, [event, *args], ack_id)``. It sends the ack itself.
        """
        self._receiver.add_any(namespace, handler)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a handler's work in a task, which `shutdown` waits for."""
        self._handlers.start(work)

    def on_accepted(self, namespace: str, hook: OnAccepted) -> None:
        """Register a coroutine function that is called with each accepted `Member`, once it has
        been sent its CONNECT packet and can be sent events.
        """
        self._admission.on_accepted(namespace, hook)

    async def disconnect(
        self, sid: str, namespace: str | None = None, ignore_queue: bool = False
    ) -> None:
        """End a client's connection to a namespace; returns after its disconnect handler."""
        del ignore_queue
        member = self.manager.member(sid, namespace or "/")
        if member is None or member.state != CONNECTED:
            return
        self.manager.leave_all(member)
        member.session.deliver(packets.packet(DISCONNECT, member.namespace.prefix))
        await self._admission.call_disconnect(member, Reason.SERVER_DISCONNECT)

    def disconnect_session(self, sid: str, namespace: str = "/") -> None:
        """Close a client's whole connection; clients reconnect from that by themselves."""
        member = self.manager.member(sid, namespace)
        if member is not None:
            member.session.end(Reason.SERVER_DISCONNECT)

    def cut_off(self, sid: str, namespace: str, reason: str, why: str) -> None:
        """Close the connection of a client that does what it must not, and say why."""
        member = self.manager.member(sid, namespace)
        if member is not None:
            member.session.end(reason, POLICY, why)

    def refuse_newcomers(self) -> None:
        """Open no more sessions; open ones stay."""
        self.eio.accepting = False

    async def shutdown(self) -> None:
        """Refuse new sessions and close all connections, with Engine.IO close packets."""
        await self.eio.shutdown()
        if self._handlers.tasks:
            await asyncio.wait(list(self._handlers.tasks), timeout=HANDLERS_END_S)

    async def get_session(self, sid: str, namespace: str | None = None) -> Any:
        """The user session of a client."""
        return self._member(sid, namespace).session.session.setdefault(namespace or "/", {})

    async def save_session(self, sid: str, session: Any, namespace: str | None = None) -> None:
        """Store the user session of a client."""
        self._member(sid, namespace).session.session[namespace or "/"] = session

    def get_environ(self, sid: str, namespace: str | None = None) -> dict[str, Any] | None:
        """The WSGI environment of a client's first request, built anew for each call."""
        member = self.manager.member(sid, namespace or "/")
        return member.session.handshake.environ() if member is not None else None

    def on_reserved(self, member: Member, event: str, ack_id: int | None) -> None:
        """Called when a client sends an event of the library's own, which must not reach a handler
        of ``disconnect``. Raise `BadPacketError` to close the connection.
        """
        del member, ack_id
        raise BadPacketError(f"{event} is reserved")

    def _member(self, sid: str, namespace: str | None) -> Member:
        member: Member | None = self.manager.member(sid, namespace or "/")
        if member is None:
            raise KeyError("Session not found")
        return member

    def _engineio_server_class(self) -> type[Engine]:
        return Engine


class _Environs(Mapping[str, dict[str, Any]]):
    """The environments of all sessions, built on demand."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getitem__(self, eio_sid: str) -> dict[str, Any]:
        environ: dict[str, Any] = self._engine.sockets[eio_sid].handshake.environ()
        return environ

    def __iter__(self) -> Iterator[str]:
        return iter(self._engine.sockets)

    def __len__(self) -> int:
        return len(self._engine.sockets)
