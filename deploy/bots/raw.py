"""A minimal Socket.IO client over picows, for load: CPU that the generator uses is not available to
the servers. It handles only the packets that a run needs.
"""

from __future__ import annotations

import json
from typing import Any

from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from deploy.bots.errors import LostError

PATH = "/socket.io/?EIO=4&transport=websocket"
_HANDSHAKE_TIMEOUT_S = 60.0


class RawSocket(WSListener):
    """A connection to one namespace. Subclasses override the `on_` methods, which get undecoded
    packets.
    """

    def __init__(self, namespace: str = "/play") -> None:
        super().__init__()
        self.auth: dict[str, Any] | None = None
        self.prefix = b"" if namespace == "/" else f"{namespace},".encode()
        self._event = b"42" + self.prefix
        self._ack = b"43" + self.prefix
        self._transport: WSTransport | None = None

    async def open(
        self, url: str, path: str = PATH, timeout_s: float = _HANDSHAKE_TIMEOUT_S
    ) -> None:
        """Connect to a gateway. `on_connected` is called after this or meanwhile. Raises
        `LostError`.
        """
        address = url.replace("http", "ws", 1) + path
        try:
            await ws_connect(lambda: self, address, websocket_handshake_timeout=timeout_s)
        except (OSError, WSError) as error:
            raise LostError(repr(error)) from None

    def send(self, payload: bytes) -> None:
        """Send a packet. Raises `LostError`."""
        if self._transport is None:
            raise LostError("not connected")
        self._transport.send(WSMsgType.TEXT, payload)

    def ask(self, packet_id: int, event: str, data: Any) -> None:
        """Send an event with an acknowledgement id. Raises `LostError`."""
        self.send(self.encode(packet_id, event, data))

    def encode(self, packet_id: int, event: str, data: Any) -> bytes:
        """Encode an event with an acknowledgement id."""
        body = json.dumps([event, data], separators=(",", ":"))
        return b"%b%d%b" % (self._event, packet_id, body.encode())

    @property
    def is_open(self) -> bool:
        """Whether packets can be sent."""
        return self._transport is not None

    def close(self) -> None:
        """Close the connection after what was sent, without waiting for the server."""
        if self._transport is not None:
            self._transport.disconnect()

    def cut(self) -> None:
        """Drop the connection without a closing handshake."""
        if self._transport is not None:
            self._transport.disconnect(graceful=False)

    def on_opened(self, payload: bytes) -> None:
        """Called with the server's first packet, which has the intervals of its pings."""

    def on_connected(self) -> None:
        """Called when the namespace has accepted the connection."""

    def on_event(self, payload: bytes) -> None:
        """Called with each EVENT packet."""

    def on_ack(self, payload: bytes) -> None:
        """Called with each ACK packet."""

    def on_other(self, payload: bytes) -> None:
        """Called with each packet of any other kind."""

    def on_lost(self) -> None:
        """Called when the connection has ended."""

    def event_name(self, payload: bytes) -> bytes:
        """The name in an EVENT packet."""
        start = len(self._event) + 2
        return payload[start : payload.index(b'"', start)]

    def ack_id(self, payload: bytes) -> int:
        """The id in an ACK packet."""
        return int(payload[len(self._ack) : payload.index(b"[")])

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Called by picows."""
        self._transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Called by picows."""
        del transport
        self._transport = None
        self.on_lost()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Called by picows."""
        if frame.msg_type != WSMsgType.TEXT:
            return
        payload = frame.get_payload_as_bytes()
        if payload.startswith(self._event):
            self.on_event(payload)
        elif payload.startswith(self._ack):
            self.on_ack(payload)
        elif payload == b"2":
            transport.send(WSMsgType.TEXT, b"3")
        elif payload.startswith(b"0"):
            self.on_opened(payload)
            auth = json.dumps(self.auth).encode() if self.auth else b""
            transport.send(WSMsgType.TEXT, b"40%b%b" % (self.prefix, auth))
        elif payload.startswith(b"40"):
            self.on_connected()
        else:
            self.on_other(payload)


def values(payload: bytes) -> list[Any]:
    """The decoded list in an EVENT or ACK packet."""
    decoded: list[Any] = json.loads(payload[payload.index(b"[") :])
    return decoded
