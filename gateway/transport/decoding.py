"""Socket.IO packets as they come in: whatever is not one ends the connection that sent it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.transport.encoding import (
    ACK,
    BINARY_ACK,
    BINARY_EVENT,
    CONNECT,
    CONNECT_ERROR,
    DISCONNECT,
    EVENT,
)

MAX_ID_DIGITS = 15
"""JavaScript numbers are exact so far."""


class BadPacketError(ValueError):
    """The peer does not speak the protocol."""


@dataclass(slots=True)
class Packet:
    """`missing` counts the binary attachments that have not come yet."""

    kind: int
    namespace: str
    ack_id: int | None
    data: Any
    missing: int = 0
    attachments: list[bytes] = field(default_factory=list)

    def attach(self, attachment: bytes) -> bool:
        """Take the next attachment; True when it was the last."""
        self.attachments.append(attachment)
        self.missing -= 1
        if self.missing == 0:
            self.data = _with_bytes(self.data, self.attachments)
        return self.missing == 0


def decode(payload: bytes, max_attachments: int) -> Packet:
    """The packet in an Engine.IO message, of which `payload` is what follows the 4."""
    if not payload[:1].isdigit() or payload[0] - 48 > BINARY_ACK:
        raise BadPacketError("unknown packet type")
    kind, rest, missing = payload[0] - 48, payload[1:], 0
    if kind in (BINARY_EVENT, BINARY_ACK):
        count, dash, rest = rest.partition(b"-")
        if not dash or not count.isdigit() or len(count) > 3 or int(count) > max_attachments:
            raise BadPacketError("invalid number of attachments")
        missing = int(count)
    namespace = "/"
    if rest.startswith(b"/"):
        name, _, rest = rest.partition(b",")
        namespace = name.partition(b"?")[0].decode()
    body = rest.lstrip(b"0123456789")
    digits = rest[: len(rest) - len(body)]
    if len(digits) > MAX_ID_DIGITS:
        raise BadPacketError("invalid acknowledgement id")
    try:
        data = orjson.loads(body) if body else None
    except orjson.JSONDecodeError as error:
        raise BadPacketError("invalid JSON") from error
    packet = Packet(kind, namespace, int(digits) if digits else None, data, missing)
    _check(packet)
    if kind in (BINARY_EVENT, BINARY_ACK) and not missing:
        packet.kind = EVENT if kind == BINARY_EVENT else ACK
    return packet


def _check(packet: Packet) -> None:
    match packet.kind:
        case 2 | 5:
            named = isinstance(packet.data, list) and packet.data
            if not named or not isinstance(packet.data[0], str):
                raise BadPacketError("an event must be a list that begins with its name")
        case 3 | 6:
            if not isinstance(packet.data, list) or packet.ack_id is None:
                raise BadPacketError("an acknowledgement must be a list and have an id")
        case 4:
            raise BadPacketError("only servers refuse connections")
        case _:
            assert packet.kind in (CONNECT, DISCONNECT)


def _with_bytes(value: Any, attachments: list[bytes]) -> Any:
    if isinstance(value, list):
        return [_with_bytes(item, attachments) for item in value]
    if isinstance(value, dict):
        if value.get("_placeholder") is True:
            number = value.get("num")
            if type(number) is not int or not 0 <= number < len(attachments):
                raise BadPacketError("there is no such attachment")
            return attachments[number]
        return {key: _with_bytes(item, attachments) for key, item in value.items()}
    return value


__all__ = ["CONNECT_ERROR", "BadPacketError", "Packet", "decode"]
