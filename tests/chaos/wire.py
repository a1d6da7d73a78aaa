"""A client that disconnects when the server is overdue, and raises what happened to a request."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from picows import WSFrame, WSTransport

from deploy.bots.errors import LostError, RefusedError
from deploy.bots.raw import PATH, RawSocket, values

CONNECT_TIMEOUT_S = 5.0
ACK_TIMEOUT_S = 5.0

Listener = Callable[[str, list[Any], str], None]
"""Called with an event, its arguments, and the raw frame."""


class Wire:
    """A client of one namespace, over successive connections."""

    def __init__(self, namespace: str, listener: Listener) -> None:
        self._namespace = namespace
        self._listener = listener
        self._connection: _Connection | None = None

    @property
    def connected(self) -> bool:
        return self._connection is not None and not self._connection.ended.is_set()

    async def connect(self, url: str, auth: dict[str, Any] | None = None) -> None:
        """Raises `LostError` or `RefusedError`."""
        self.close()
        connection = _Connection(self._namespace, self._listener, auth)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await connection.open(url, PATH, CONNECT_TIMEOUT_S)
                await connection.accepted
        except TimeoutError as error:
            raise LostError(repr(error)) from None
        else:
            self._connection = connection
        finally:
            if self._connection is not connection:
                connection.give_up()

    async def ask(self, event: str, data: Any, timeout_s: float = ACK_TIMEOUT_S) -> Any:
        """The acknowledgement of an event. Raises `LostError`."""
        if self._connection is None:
            raise LostError("not connected")
        return await self._connection.reply(event, data, timeout_s)

    async def ended(self) -> None:
        """Wait until disconnected."""
        if self._connection is not None:
            await self._connection.ended.wait()

    def close(self) -> None:
        """Disconnect without waiting for the server, which may be frozen."""
        if self._connection is not None:
            self._connection.give_up()


class _Connection(RawSocket):
    def __init__(self, namespace: str, listener: Listener, auth: dict[str, Any] | None) -> None:
        super().__init__(namespace)
        self.auth = auth
        loop = asyncio.get_running_loop()
        self.accepted: asyncio.Future[None] = loop.create_future()
        self.ended = asyncio.Event()
        self._listener = listener
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._last_id = 0
        self._patience_s = CONNECT_TIMEOUT_S
        self._overdue: asyncio.TimerHandle | None = None

    async def reply(self, event: str, data: Any, timeout_s: float) -> Any:
        self._last_id += 1
        packet_id = self._last_id
        future = self._asked[packet_id] = asyncio.get_running_loop().create_future()
        try:
            self.ask(packet_id, event, data)
            async with asyncio.timeout(timeout_s):
                return await future
        except TimeoutError:
            self.give_up()
            raise LostError("no acknowledgement") from None
        finally:
            self._asked.pop(packet_id, None)

    def give_up(self) -> None:
        """Close the connection now; pending requests raise `LostError`."""
        self.close()
        self.on_lost()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        super().on_ws_frame(transport, frame)
        if self._overdue is not None:
            self._overdue.cancel()
        if not self.ended.is_set():
            self._overdue = asyncio.get_running_loop().call_later(self._patience_s, self.give_up)

    def on_opened(self, payload: bytes) -> None:
        opening = json.loads(payload[1:])
        self._patience_s = (opening["pingInterval"] + opening["pingTimeout"]) / 1000

    def on_connected(self) -> None:
        if not self.accepted.done():
            self.accepted.set_result(None)

    def on_other(self, payload: bytes) -> None:
        if payload.startswith(b"44") and not self.accepted.done():
            refusal = json.loads(payload[payload.index(b"{") :])
            self.accepted.set_exception(RefusedError(refusal.get("data", refusal)))
        elif payload.startswith(b"41"):
            self.give_up()

    def on_event(self, payload: bytes) -> None:
        if not self.ended.is_set():
            event, *args = values(payload)
            self._listener(event, args, payload.decode())

    def on_ack(self, payload: bytes) -> None:
        future = self._asked.pop(self.ack_id(payload), None)
        if future is not None and not future.done():
            future.set_result(values(payload)[0])

    def on_lost(self) -> None:
        self.ended.set()
        if self._overdue is not None:
            self._overdue.cancel()
        for future in (self.accepted, *self._asked.values()):
            if not future.done():
                future.set_exception(LostError("disconnected"))
                future.exception()  # the waiting task may have been cancelled
        self._asked.clear()


def now_ms() -> float:
    """This machine's clock, epoch milliseconds."""
    return time.time() * 1000
