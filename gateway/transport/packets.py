"""Outgoing Socket.IO packets: encoded once, however many sockets they go to."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

import orjson

from gateway.transport.attachments import extract

RESERVE = 14
"""Bytes in front of a payload into which picows writes the WebSocket header: it reuses the buffer
instead of copying the payload for each socket."""
_RESERVED = bytes(RESERVE)

TEXT = 1
BINARY = 2

CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = range(7)


class Message:
    """An Engine.IO text packet and the binary packets that follow it. Without text, only those."""

    __slots__ = ("_wire", "attachments", "buffer")

    def __init__(self, text: bytes | bytearray, attachments: Sequence[bytes] = ()) -> None:
        self.buffer = bytearray(_RESERVED + text)
        self.attachments = attachments
        self._wire: bytes | None = None

    @property
    def text(self) -> bytes:
        """The text packet without a WebSocket frame."""
        return bytes(self.buffer[RESERVE:])

    @property
    def wire(self) -> bytes:
        """Complete WebSocket frames, shared by all sockets whose kernel buffer is full."""
        if self._wire is None:
            frames: list[bytes | bytearray] = []
            if len(self.buffer) > RESERVE:
                frames += (_header(TEXT, len(self.buffer) - RESERVE), self.buffer[RESERVE:])
            for attachment in self.attachments:
                frames += (_header(BINARY, len(attachment)), attachment)
            self._wire = b"".join(frames)
        return self._wire


def prefix(namespace: str) -> bytes:
    """How packets name a namespace; the default one has no prefix."""
    return b"" if namespace == "/" else namespace.encode() + b","


class Namespace:
    """A namespace's name, and how packets begin that belong to it.

    `ack`: how the buffer of an ACK packet begins, before its id.
    """

    __slots__ = ("ack", "name", "prefix")

    def __init__(self, name: str) -> None:
        self.name = name
        self.prefix = prefix(name)
        self.ack = b"%b4%d%b" % (_RESERVED, ACK, self.prefix)


def packet(kind: int, namespace: bytes, data: Any = None) -> Message:
    """A CONNECT, DISCONNECT or CONNECT_ERROR packet; `namespace` is a `prefix`."""
    body = b"" if data is None else dumps(data)
    return Message(b"4%d%b%b" % (kind, namespace, body))


def event(namespace: bytes, name: str, args: Sequence[Any], ack_id: int | None = None) -> Message:
    """An EVENT packet, or a BINARY_EVENT if `args` contain bytes."""
    head = namespace if ack_id is None else b"%b%d" % (namespace, ack_id)
    return _payload(EVENT, head, (name, *args))


def ack(namespace: bytes, ack_id: int, args: Sequence[Any]) -> Message:
    """An ACK packet, or a BINARY_ACK if `args` contain bytes."""
    return _payload(ACK, b"%b%d" % (namespace, ack_id), args)


def dumps(value: Any) -> bytes:
    """Encode `value` as JSON. Falls back to the standard library for what orjson rejects (keys
    that are not strings, large integers) but the stock server sends.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":"), default=_default).encode()


def _payload(kind: int, head: bytes, items: Sequence[Any]) -> Message:
    try:
        return Message(b"4%d%b%b" % (kind, head, orjson.dumps(items)))
    except TypeError:
        pass
    attachments: list[bytes] = []
    plain = extract(items, attachments)
    if not attachments:
        return Message(b"4%d%b%b" % (kind, head, dumps(plain)))
    kind = BINARY_EVENT if kind == EVENT else BINARY_ACK
    return Message(b"4%d%d-%b%b" % (kind, len(attachments), head, dumps(plain)), attachments)


def _default(value: Any) -> Any:
    """Encode types that only orjson knows: fragments, dates, dataclasses."""
    return json.loads(orjson.dumps(value))


def _header(opcode: int, length: int) -> bytes:
    if length < 126:
        return struct.pack("!BB", 0x80 | opcode, length)
    if length < 65_536:
        return struct.pack("!BBH", 0x80 | opcode, 126, length)
    return struct.pack("!BBQ", 0x80 | opcode, 127, length)
