"""Common parts of the comparison's load generators: sockets, and waiting for messages to all."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterable
from typing import Generic, TypeVar

from deploy.bots.raw import PATH, RawSocket

AT_ONCE = 100
LONGEST_S = 180.0


class Socket(RawSocket):
    """A socket. `ready` is set when the server has accepted it."""

    def __init__(self, namespace: str) -> None:
        super().__init__(namespace)
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()


S = TypeVar("S", bound=Socket)


class Crowd(Generic[S]):
    """All sockets, and the number of outstanding messages."""

    def __init__(self) -> None:
        self.sockets: list[S] = []
        self._awaited = 0
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def enter(self, sockets: Iterable[S], *urls: str, path: str = PATH) -> None:
        """Connect to the servers in turn, `AT_ONCE` concurrently; returns when all are ready."""
        places = asyncio.Semaphore(AT_ONCE)

        async def enter(socket: S, url: str) -> None:
            async with places:
                await socket.open(url, path)
                await socket.ready
            self.sockets.append(socket)

        await asyncio.gather(*map(enter, sockets, itertools.cycle(urls)))

    def got(self, count: int = 1) -> None:
        """Count expected messages."""
        self._awaited -= count
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
