"""Common parts of the comparison's load generators: sockets, and waiting for messages to all."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterable
from typing import Generic, TypeVar

from picows import WSListener, WSMsgType, WSTransport, ws_connect

AT_ONCE = 100
LONGEST_S = 180.0


class Socket(WSListener):
    """A socket. `ready` is set when the server has accepted it."""

    def __init__(self) -> None:
        super().__init__()
        self._transport: WSTransport | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002
        self._transport = None

    def send(self, payload: bytes) -> None:
        if self._transport is None:
            raise ConnectionError("a socket was lost")
        self._transport.send(WSMsgType.TEXT, payload)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.disconnect(graceful=False)


S = TypeVar("S", bound=Socket)


class Crowd(Generic[S]):
    """All sockets, and the number of outstanding messages."""

    def __init__(self) -> None:
        self.sockets: list[S] = []
        self._awaited = 0
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def enter(self, sockets: Iterable[S], *urls: str) -> None:
        """Connect to the servers in turn, `AT_ONCE` concurrently; returns when all are ready."""
        places = asyncio.Semaphore(AT_ONCE)

        async def enter(socket: S, url: str) -> None:
            async with places:
                await ws_connect(lambda: socket, url, websocket_handshake_timeout=60)
                await socket.ready
            self.sockets.append(socket)

        await asyncio.gather(*map(enter, sockets, itertools.cycle(urls)))

    def got(self) -> None:
        """Count an expected message."""
        self._awaited -= 1
        if self._awaited == 0:
            self._done.set_result(None)

    def expect(self, count: int) -> None:
        """Start to wait for `count` messages."""
        self._done = asyncio.get_running_loop().create_future()
        self._awaited = count

    async def all_arrived(self) -> None:
        """Wait for the expected messages."""
        async with asyncio.timeout(LONGEST_S):
            await self._done

    async def answers(self, frame: bytes) -> float:
        """Send an answer from every socket; return the seconds until all are acknowledged."""
        self.expect(len(self.sockets))
        began = time.perf_counter()
        for socket in self.sockets:
            socket.send(frame)
        await self.all_arrived()
        return time.perf_counter() - began
