"""What the server sends: encoded once, and written to each socket in one loop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
import socketio

from gateway.transport import encoding
from gateway.transport.encoding import RESERVE, TEXT, Message
from gateway.transport.rooms import CONNECTED, Callback, Member


class Emitting(socketio.AsyncServer):  # type: ignore[misc]
    """The half of `SocketServer` that sends. Nothing here waits: one call is one turn of the
    event loop, whoever it goes to (some 10 µs a socket).
    """

    def ack(self, sid: str, namespace: str, ack_id: int, *args: Any) -> bool:
        """Acknowledge an event; False if the client has gone meanwhile."""
        member = self.manager.member(sid, namespace)
        return member is not None and member.ack(ack_id, *args)

    async def emit(  # noqa: PLR0913, PLR0917
        self,
        event: str,
        data: Any = None,
        to: Any = None,
        room: Any = None,
        skip_sid: Any = None,
        namespace: str | None = None,
        callback: Callback | None = None,
        ignore_queue: bool = False,
        coalesce_key: str | None = None,
    ) -> None:
        """The stock method; with `coalesce_key`, for sockets that lag behind it replaces what
        was emitted with the same key and is not sent yet.
        """
        del ignore_queue
        self.emit_now(
            event,
            data,
            room=to or room,
            skip_sid=skip_sid,
            namespace=namespace,
            callback=callback,
            coalesce_key=coalesce_key,
        )

    def emit_now(
        self,
        event: str,
        data: Any = None,
        *,
        room: Any = None,
        skip_sid: Any = None,
        namespace: str | None = None,
        callback: Callback | None = None,
        coalesce_key: str | None = None,
    ) -> int:
        """Emit without a coroutine. Returns how many sockets it went to."""
        target = self.manager.namespaces.get(namespace or "/")
        if target is None:
            return 0
        args = data if isinstance(data, tuple) else () if data is None else (data,)
        audience: Iterable[Member] = target.audience(room)
        if skip_sid is not None:
            skipped = skip_sid if isinstance(skip_sid, list) else [skip_sid]
            audience = [member for member in audience if member.sid not in skipped]
        if callback is None:
            return _send(encoding.event(target.prefix, event, args), audience, coalesce_key)
        reached = 0
        for member in audience:
            ack_id = member.expect_ack(callback)
            member.session.deliver(encoding.event(target.prefix, event, args, ack_id))
            reached += 1
        return reached

    def emit_parts(
        self,
        event: str,
        common: Any,
        own_parts: Iterable[tuple[str, Any]],
        namespace: str | None = None,
    ) -> int:
        """Emit an event of two arguments: `common`, encoded once, and one for each sid."""
        target = self.manager.namespaces.get(namespace or "/")
        if target is None:
            return 0
        head = bytearray(RESERVE) + b"42" + target.prefix
        head += b"[" + orjson.dumps(event) + b"," + encoding.dumps(common) + b","
        length, buffer, reached = len(head), bytearray(head), 0
        for sid, own in own_parts:
            member = target.members.get(sid)
            if member is None or member.state != CONNECTED:
                continue
            del buffer[length:]
            buffer += encoding.dumps(own)
            buffer += b"]"
            session = member.session
            if session.blocked:
                session.deliver(Message(buffer[RESERVE:]))
            else:
                session.write(TEXT, buffer, RESERVE)
            reached += 1
        return reached


def _send(message: Message, audience: Iterable[Member], key: str | None) -> int:
    buffer, reached, plain = message.buffer, 0, not message.attachments
    for member in audience:
        session = member.session
        if plain and not session.blocked:
            session.write(TEXT, buffer, RESERVE)
        else:
            session.deliver(message, key)
        reached += 1
    return reached
