"""The Socket.IO server that applications put handlers on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import socketio

from gateway.transport import encoding
from gateway.transport.decoding import BadPacketError
from gateway.transport.dispatch import Dispatch
from gateway.transport.emitting import Emitting
from gateway.transport.encoding import DISCONNECT
from gateway.transport.engine import Engine
from gateway.transport.rooms import CONNECTED, FastHandler, Member, Rooms
from gateway.transport.upgrade import UpgradeProtocol

PATH = "socket.io"
HANDLERS_END_S = 2.0
"""How long `shutdown` waits for disconnect handlers."""


class SocketServer(Emitting):
    """`socketio.AsyncServer` with another way for packets to go.

    Options besides those of the stock server: `max_backlog_bytes` a socket may leave unread,
    `max_attachments` of a packet, `max_payload_packets` of an HTTP request,
    `connect_timeout_s` until the first CONNECT (looked at when pings are due), `session_tag`: what
    the ids of sessions begin with, before a dot.
    `json`, `serializer`, `client_manager` and `instrument` are not supported.
    """

    def __init__(self, *, max_attachments: int = 10, **options: Any) -> None:
        unsupported = {"json", "serializer", "client_manager", "monitor_clients"} & set(options)
        if unsupported:
            raise ValueError(f"not supported here: {', '.join(sorted(unsupported))}")
        super().__init__(client_manager=Rooms(), **options)
        self._dispatch = Dispatch(self, max_attachments)
        self.eio.on_message = self._dispatch.on_message
        self.eio.on_binary = self._dispatch.on_binary
        self.eio.on_end = self._dispatch.on_end
        self.environ = _Environs(self.eio)
        self.counters = self.eio.counters

    def asgi(self, other: Any = None, path: str = PATH) -> Any:
        """An ASGI application with long-polling under `path` and `other` for the rest."""
        return socketio.ASGIApp(self, other, socketio_path=path)

    def websocket_protocol(self, path: str = PATH) -> Callable[..., asyncio.Protocol]:
        """What `uvicorn.Config` needs as `ws`, for WebSockets under `path`."""
        return partial(UpgradeProtocol, self.eio, f"/{path.strip('/')}/")

    def on_fast(self, namespace: str, event: str, handler: FastHandler) -> None:
        """Let a plain function answer an event, with no task and before other handlers.

        ``handler(member, args, ack_id)`` returns what to acknowledge (a tuple: several arguments),
        or None and calls `member.ack` later. `member.data` is for the application.
        """
        self._dispatch.add_fast(namespace, event, handler)

    async def disconnect(
        self, sid: str, namespace: str | None = None, ignore_queue: bool = False
    ) -> None:
        """End a client's connection to a namespace; returns when its handler has heard of it."""
        del ignore_queue
        member = self.manager.member(sid, namespace or "/")
        if member is None or member.state != CONNECTED:
            return
        self.manager.leave_all(member)
        member.session.deliver(encoding.packet(DISCONNECT, member.namespace.prefix))
        await self._dispatch.admission.say_goodbye(member, self.reason.SERVER_DISCONNECT)

    def disconnect_session(self, sid: str, namespace: str = "/") -> None:
        """Close a client's connection itself: clients come back from that by themselves."""
        member = self.manager.member(sid, namespace)
        if member is not None:
            member.session.end(self.reason.SERVER_DISCONNECT)

    def refuse_newcomers(self) -> None:
        """Open no more sessions; those that there are go on."""
        self.eio.accepting = False

    async def shutdown(self) -> None:
        """Refuse newcomers and close all connections, with Engine.IO close packets."""
        await self.eio.shutdown()
        if self._dispatch.runner.tasks:
            await asyncio.wait(list(self._dispatch.runner.tasks), timeout=HANDLERS_END_S)

    async def get_session(self, sid: str, namespace: str | None = None) -> Any:
        """The user session of a client."""
        return self._member(sid, namespace).session.session.setdefault(namespace or "/", {})

    async def save_session(self, sid: str, session: Any, namespace: str | None = None) -> None:
        """Store the user session of a client."""
        self._member(sid, namespace).session.session[namespace or "/"] = session

    def get_environ(self, sid: str, namespace: str | None = None) -> dict[str, Any] | None:
        """The WSGI environment of a client's first request, made anew at each call."""
        member = self.manager.member(sid, namespace or "/")
        return member.session.handshake.environ() if member is not None else None

    def knows(self, namespace: str) -> bool:
        """Whether clients may connect to this namespace."""
        return (
            namespace in self.handlers
            or namespace in self.namespace_handlers
            or self.namespaces == "*"
            or namespace in self.namespaces
        )

    def reserved_event(self, sid: str, namespace: str, event: str, ack_id: int | None) -> None:
        """Called when a client sends an event that stands for the library's own: a handler of
        ``disconnect`` must not be fooled. Raising `BadPacketError` closes the connection.
        """
        del sid, namespace, ack_id
        raise BadPacketError(f"{event} is reserved")

    def _member(self, sid: str, namespace: str | None) -> Member:
        member: Member | None = self.manager.member(sid, namespace or "/")
        if member is None:
            raise KeyError("Session not found")
        return member

    def _engineio_server_class(self) -> type[Engine]:
        return Engine


class _Environs(Mapping[str, dict[str, Any]]):
    """The environments of all sessions, made when asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getitem__(self, eio_sid: str) -> dict[str, Any]:
        environ: dict[str, Any] = self._engine.sockets[eio_sid].handshake.environ()
        return environ

    def __iter__(self) -> Iterator[str]:
        return iter(self._engine.sockets)

    def __len__(self) -> int:
        return len(self._engine.sockets)
