"""Incoming Socket.IO packets. A malformed one ends the connection that sent it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

import orjson

from gateway.transport.attachments import insert
from gateway.transport.packets import (
    ACK,
    BINARY_ACK,
    BINARY_EVENT,
    CONNECT,
    CONNECT_ERROR,
    DISCONNECT,
    EVENT,
)

MAX_ID_DIGITS = 15
"""JavaScript represents integers of this length exactly."""
_CACHED_BYTES = 64
"""Longer heads are decoded each time, because a cache of them would be large."""

Packet: TypeAlias = tuple[int, str, int | None, Any, int]
"""Kind, namespace, acknowledgement id, data, and how many binary attachments will follow. A plain
tuple: each message makes one.
"""

_CONTROL = {b"%d" % kind: kind for kind in (CONNECT, DISCONNECT, CONNECT_ERROR)}
_LISTS = {b"%d" % kind: kind for kind in (EVENT, ACK, BINARY_EVENT, BINARY_ACK)}


class BadPacketError(ValueError):
    """The peer violated the protocol."""


class TooManyPacketsError(BadPacketError):
    """The peer sent more than it may between two pings."""

    def __init__(self) -> None:
        super().__init__("too many packets")


MALFORMED = (BadPacketError, UnicodeDecodeError, orjson.JSONDecodeError)
"""What handling a malformed packet raises."""


@dataclass(slots=True)
class Incomplete:
    """A packet whose attachments have not all arrived."""

    packet: Packet
    attachments: list[bytes] = field(default_factory=list)

    def attach(self, attachment: bytes) -> Packet | None:
        """Add the next attachment; returns the complete packet after the last one."""
        self.attachments.append(attachment)
        kind, namespace, ack_id, data, missing = self.packet
        if len(self.attachments) < missing:
            return None
        try:
            return kind, namespace, ack_id, insert(data, self.attachments), 0
        except LookupError as error:
            raise BadPacketError("there is no such attachment") from error
        except ValueError as error:
            raise BadPacketError("nested too deeply") from error


def decode(text: bytes, max_attachments: int) -> Packet:
    """Decode an Engine.IO message, from its type (a 4) on. Raises one of `MALFORMED`."""
    kind = _LISTS.get(text[1:2])
    if kind is None:
        return _decode_control(text)
    start = text.find(b"[")
    if start < 0:
        raise BadPacketError("events and acknowledgements must be lists")
    head, missing = text[2:start], 0
    if kind >= BINARY_EVENT:
        missing, head = _attachments(head, max_attachments)
    namespace, ack_id = _head(head) if len(head) <= _CACHED_BYTES else _long_head(head)
    data = orjson.loads(text[start:])
    if kind in (ACK, BINARY_ACK):
        if ack_id is None:
            raise BadPacketError("an acknowledgement must have an id")
    elif not data or type(data[0]) is not str:
        raise BadPacketError("an event must begin with its name")
    return kind, namespace, ack_id, data, missing


def _decode_control(text: bytes) -> Packet:
    kind, rest = _CONTROL.get(text[1:2]), text[2:]
    if kind is None:
        raise BadPacketError("unknown packet type")
    if kind == CONNECT_ERROR:
        raise BadPacketError("only servers refuse connections")
    if not rest.startswith(b"/"):
        return kind, "/", None, orjson.loads(rest) if rest else None, 0
    name, _, body = rest.partition(b",")
    return kind, _namespace(name), None, orjson.loads(body) if body else None, 0


def _attachments(head: bytes, most: int) -> tuple[int, bytes]:
    """How many attachments a binary packet has, and the rest of its head."""
    count, dash, rest = head.partition(b"-")
    if not dash or not count.isdigit() or len(count) > 3 or int(count) > most:
        raise BadPacketError("invalid number of attachments")
    return int(count), rest


def _long_head(head: bytes) -> tuple[str, int | None]:
    """What stands before the data: namespace and acknowledgement id."""
    name, comma, number = head.rpartition(b",")
    namespace = _namespace(name) if comma else "/"
    if not number:
        return namespace, None
    if not number.isdigit() or len(number) > MAX_ID_DIGITS:
        raise BadPacketError("invalid acknowledgement id")
    return namespace, int(number)


# Clients count their ids from 0, so that the same few heads come again and again.
_head = lru_cache(maxsize=1024)(_long_head)


def _namespace(name: bytes) -> str:
    if not name.startswith(b"/"):
        raise BadPacketError("invalid namespace")
    return name.partition(b"?")[0].decode()
