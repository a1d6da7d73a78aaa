"""Sending: each message is encoded once and written to its sockets in one loop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
import socketio

from gateway.transport import packets
from gateway.transport.packets import RESERVE, TEXT, Message
from gateway.transport.session import CONNECTED, Callback, Member


class Emitting(socketio.AsyncServer):  # type: ignore[misc]
    """The sending half of `SocketServer`. Nothing here yields to the event loop: a call takes some
    10 µs for each socket it sends to.
    """

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
        """Emit like the stock server. For sockets that lag behind, a message with a `coalesce_key`
        replaces an earlier one with the same key that is still queued.
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
        """Emit without a coroutine; returns how many sockets were sent the event."""
        target = self.manager.namespaces.get(namespace or "/")
        if target is None:
            return 0
        args = data if isinstance(data, tuple) else () if data is None else (data,)
        members: Iterable[Member] = target.of(room)
        if skip_sid is not None:
            skipped = skip_sid if isinstance(skip_sid, list) else [skip_sid]
            members = [member for member in members if member.sid not in skipped]
        if callback is None:
            return _send(packets.event(target.prefix, event, args), members, coalesce_key)
        reached = 0
        for member in members:
            ack_id = member.expect_ack(callback)
            member.session.deliver(packets.event(target.prefix, event, args, ack_id))
            reached += 1
        return reached

    def emit_parts(
        self,
        event: str,
        common: Any,
        own_parts: Iterable[tuple[str, Any]],
        namespace: str | None = None,
    ) -> int:
        """Emit an event with two arguments: `common`, encoded once, and each recipient's own.

        `own_parts` are pairs of sid and own argument. Returns how many sockets were sent the event.
        """
        target = self.manager.namespaces.get(namespace or "/")
        if target is None:
            return 0
        head = bytearray(RESERVE) + b"42" + target.prefix
        head += b"[" + orjson.dumps(event) + b"," + packets.dumps(common) + b","
        length, buffer, reached = len(head), bytearray(head), 0
        for sid, own in own_parts:
            member = target.members.get(sid)
            if member is None or member.state != CONNECTED:
                continue
            del buffer[length:]
            buffer += packets.dumps(own)
            buffer += b"]"
            session = member.session
            if session.blocked:
                session.deliver(Message(buffer[RESERVE:]))
            else:
                session.write(TEXT, buffer, RESERVE)
            reached += 1
        return reached


def _send(message: Message, members: Iterable[Member], key: str | None) -> int:
    buffer, reached, plain = message.buffer, 0, not message.attachments
    for member in members:
        session = member.session
        if plain and not session.blocked:
            session.write(TEXT, buffer, RESERVE)
        else:
            session.deliver(message, key)
        reached += 1
    return reached
