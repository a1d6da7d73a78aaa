"""The load generator's sockets, one class for each protocol. Only their frames differ."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from picows import WSFrame, WSMsgType, WSTransport

from bench.rivals.protocol import ANSWER, QUESTION, RAW_ANSWER, ROOM
from bench.rivals.sockets import Socket
from deploy.bots.raw import PATH


def _compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class Client(Socket):
    """A socket of a Socket.IO server. `got` is called with how many messages have arrived."""

    path = PATH
    answer = b"421" + _compact(["answer", ANSWER])

    def __init__(self, got: Callable[[int], None]) -> None:
        super().__init__("/")
        self.got = got

    @staticmethod
    def order(times: int) -> tuple[bytes, int]:
        """Return the frame that makes the server broadcast, and how many replies it gets."""
        return b'422["broadcast",%d]' % times, 1

    def on_connected(self) -> None:
        if not self.ready.done():
            self.ready.set_result(None)

    def on_event(self, _payload: bytes) -> None:
        self.got(1)

    def on_ack(self, _payload: bytes) -> None:
        self.got(1)


class RawClient(Client):
    """A socket of the server without Socket.IO."""

    path = "/"
    answer = RAW_ANSWER

    @staticmethod
    def order(times: int) -> tuple[bytes, int]:
        return b"B%d" % times, 0

    def on_ws_connected(self, transport: WSTransport) -> None:
        super().on_ws_connected(transport)
        self.ready.set_result(None)

    def on_other(self, payload: bytes) -> None:
        if payload[:2] in (b'["', b'{"'):
            self.got(1)


class CentrifugoClient(Client):
    """A socket of Centrifugo, in its JSON protocol: commands and replies are lines of a frame.

    Without a backend behind it, Centrifugo acknowledges no calls of an application. An answer is
    therefore published to a channel without subscribers, which Centrifugo acknowledges.
    """

    path = "/connection/websocket"
    answer = _compact({"id": 9, "publish": {"channel": "answers", "data": ANSWER}})

    _CONNECT = _compact({"id": 1, "connect": {}})
    _SUBSCRIBE = _compact({"id": 2, "subscribe": {"channel": ROOM}})
    _PUBLISH = _compact({"id": 8, "publish": {"channel": ROOM, "data": QUESTION}})

    @staticmethod
    def order(times: int) -> tuple[bytes, int]:
        return b"\n".join([CentrifugoClient._PUBLISH] * times), times

    def on_ws_connected(self, transport: WSTransport) -> None:
        super().on_ws_connected(transport)
        self.send(self._CONNECT)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        payload = frame.get_payload_as_bytes()
        if payload == b"{}":
            transport.send(WSMsgType.TEXT, payload)
        elif self.ready.done():
            self.got(payload.count(b"\n", 0, -1) + 1)
        elif payload.startswith(b'{"id":1,"connect":'):
            self.send(self._SUBSCRIBE)
        elif payload.startswith(b'{"id":2,"subscribe":'):
            self.ready.set_result(None)
        else:
            self.ready.set_exception(ConnectionRefusedError(payload.decode()))


CLIENTS: dict[str, type[Client]] = {
    "socketio": Client,
    "raw": RawClient,
    "centrifugo": CentrifugoClient,
}
"""By the protocol of an `Order`."""
