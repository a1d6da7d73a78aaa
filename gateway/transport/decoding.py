"""Incoming Socket.IO packets. A malformed one ends the connection that sent it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from gateway.transport.attachments import insert
from gateway.transport.packets import ACK, BINARY_ACK, BINARY_EVENT, CONNECT_ERROR, EVENT

MAX_ID_DIGITS = 15
"""JavaScript represents integers of this length exactly."""
_DIGITS = b"0123456789"


class BadPacketError(ValueError):
    """The peer violated the protocol."""


@dataclass(slots=True)
class Packet:
    """`missing` counts the binary attachments that have not arrived yet."""

    kind: int
    namespace: str
    ack_id: int | None
    data: Any
    missing: int = 0
    attachments: list[bytes] | None = None

    def attach(self, attachment: bytes) -> bool:
        """Add the next attachment; True if it was the last one."""
        if self.attachments is None:
            self.attachments = []
        self.attachments.append(attachment)
        self.missing -= 1
        if self.missing == 0:
            try:
                self.data = insert(self.data, self.attachments)
            except LookupError as error:
                raise BadPacketError("there is no such attachment") from error
        return self.missing == 0


def decode(text: bytes, max_attachments: int) -> Packet:
    """Decode an Engine.IO message, from its type (a 4) on. Each message is parsed once, here."""
    kind = text[1] - 48 if len(text) > 1 else -1
    missing, start = 0, 2
    if not 0 <= kind < BINARY_EVENT:
        missing, start = _attachment_count(kind, text, max_attachments)
    namespace = "/"
    if text[start : start + 1] == b"/":
        end = text.find(b",", start)
        end = end if end >= 0 else len(text)
        namespace = text[start:end].partition(b"?")[0].decode()
        start = end + 1
    rest = text[start:]
    body = rest.lstrip(_DIGITS)
    digits = len(rest) - len(body)
    if digits > MAX_ID_DIGITS:
        raise BadPacketError("invalid acknowledgement id")
    try:
        data = orjson.loads(body) if body else None
    except orjson.JSONDecodeError as error:
        raise BadPacketError("invalid JSON") from error
    packet = Packet(kind, namespace, int(rest[:digits]) if digits else None, data, missing)
    _check(packet)
    return packet


def _attachment_count(kind: int, text: bytes, most: int) -> tuple[int, int]:
    """How many attachments a binary packet has, and where the rest of it begins."""
    if kind not in (BINARY_EVENT, BINARY_ACK):
        raise BadPacketError("unknown packet type")
    count, dash, _ = text[2:].partition(b"-")
    if not dash or not count.isdigit() or len(count) > 3 or int(count) > most:
        raise BadPacketError("invalid number of attachments")
    return int(count), 3 + len(count)


def _check(packet: Packet) -> None:
    kind, data = packet.kind, packet.data
    if kind in (EVENT, BINARY_EVENT):
        if type(data) is not list or not data or type(data[0]) is not str:
            raise BadPacketError("an event must be a list that begins with its name")
    elif kind in (ACK, BINARY_ACK):
        if type(data) is not list or packet.ack_id is None:
            raise BadPacketError("an acknowledgement must be a list and have an id")
    elif kind == CONNECT_ERROR:
        raise BadPacketError("only servers refuse connections")
