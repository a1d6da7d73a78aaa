"""Socket.IO packets as bytes, encoded once however many sockets they go to."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

import orjson

Encoded = orjson.Fragment
"""JSON that is encoded already and may stand anywhere in what is sent."""

RESERVE = 14
"""Bytes in front of a payload in which picows writes the WebSocket header: it reuses the buffer
instead of copying the payload for each socket."""

TEXT = 1
BINARY = 2

CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = range(7)


class Message:
    """An Engine.IO packet, with the binary packets that follow it. No text: only those."""

    __slots__ = ("_wire", "attachments", "buffer")

    def __init__(self, text: bytes | bytearray, attachments: Sequence[bytes] = ()) -> None:
        self.buffer = bytearray(RESERVE)
        self.buffer += text
        self.attachments = tuple(attachments)
        self._wire: bytes | None = None

    @property
    def text(self) -> bytes:
        """The packet without a frame around it."""
        return bytes(self.buffer[RESERVE:])

    @property
    def wire(self) -> bytes:
        """Complete WebSocket frames, which all sockets that must wait can share."""
        if self._wire is None:
            frames: list[bytes | bytearray] = []
            if len(self.buffer) > RESERVE:
                frames += (_header(TEXT, len(self.buffer) - RESERVE), self.buffer[RESERVE:])
            for attachment in self.attachments:
                frames += (_header(BINARY, len(attachment)), attachment)
            self._wire = b"".join(frames)
        return self._wire


def prefix(namespace: str) -> bytes:
    """What stands for a namespace in a packet."""
    return b"" if namespace == "/" else namespace.encode() + b","


def packet(kind: int, namespace: bytes, data: Any = None) -> Message:
    """A CONNECT, DISCONNECT or CONNECT_ERROR packet."""
    body = b"" if data is None else dumps(data)
    return Message(b"4%d%b%b" % (kind, namespace, body))


def event(namespace: bytes, name: str, args: Sequence[Any], ack_id: int | None = None) -> Message:
    """An EVENT packet, or a BINARY_EVENT where `args` contain bytes."""
    number = b"" if ack_id is None else b"%d" % ack_id
    return _payload(EVENT, namespace, number, [name, *args])


def ack(namespace: bytes, ack_id: int, args: Sequence[Any]) -> Message:
    """An ACK packet, or a BINARY_ACK where `args` contain bytes."""
    return _payload(ACK, namespace, b"%d" % ack_id, list(args))


def dumps(value: Any) -> bytes:
    """`value` as JSON. What orjson declines (keys that are no strings, large integers) takes the
    standard library's slower way, so that everything goes out that the stock server sends.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":"), default=_default).encode()


def _payload(kind: int, namespace: bytes, number: bytes, items: list[Any]) -> Message:
    try:
        return Message(b"4%d%b%b%b" % (kind, namespace, number, orjson.dumps(items)))
    except TypeError:
        pass
    attachments: list[bytes] = []
    plain = _without_bytes(items, attachments)
    if not attachments:
        return Message(b"4%d%b%b%b" % (kind, namespace, number, dumps(plain)))
    kind = BINARY_EVENT if kind == EVENT else BINARY_ACK
    head = b"4%d%d-%b%b" % (kind, len(attachments), namespace, number)
    return Message(head + dumps(plain), attachments)


def _without_bytes(value: Any, attachments: list[bytes]) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        attachments.append(bytes(value))
        return {"_placeholder": True, "num": len(attachments) - 1}
    if isinstance(value, list | tuple):
        return [_without_bytes(item, attachments) for item in value]
    if isinstance(value, dict):
        return {key: _without_bytes(item, attachments) for key, item in value.items()}
    return value


def _default(value: Any) -> Any:
    """What orjson knows and the standard library does not: pieces, dates, dataclasses."""
    return json.loads(orjson.dumps(value))


def _header(opcode: int, length: int) -> bytes:
    if length < 126:
        return struct.pack("!BB", 0x80 | opcode, length)
    if length < 65_536:
        return struct.pack("!BBH", 0x80 | opcode, 126, length)
    return struct.pack("!BBQ", 0x80 | opcode, 127, length)
