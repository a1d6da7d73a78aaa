"""The network between our processes and the servers: TCP proxies whose links can fail separately.

A server has one address for all clients (Kafka's brokers advertise theirs). The process that opened
a connection is looked up in the kernel's tables.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

from deploy.local.ports import LOOPBACK

Direction = Literal["requests", "replies"]
_DIRECTIONS: tuple[Direction, ...] = ("requests", "replies")
_OTHER: dict[Direction, Direction] = {"requests": "replies", "replies": "requests"}
# SO_LINGER with zero timeout: closing sends RST.
_RESET = struct.pack("ii", 1, 0)
_MAX_HELD = 256
"""Chunks queued per direction before reading stops and the sender feels back pressure."""


@dataclass
class Impairment:
    """A link's impairment: reset, silent in some directions, or delayed."""

    cut: bool = False
    lost: frozenset[Direction] = frozenset()
    latency_s: float = 0.0


class _Half(asyncio.Protocol):
    """One side of a connection; what it reads goes to the other side."""

    def __init__(self, connection: Connection, direction: Direction) -> None:
        self.transport: asyncio.Transport | None = None
        self._connection = connection
        self._direction = direction

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        if self._direction == "requests":
            self._connection.accepted()
        else:
            self._connection.pump()

    def data_received(self, data: bytes) -> None:
        self._connection.take(self._direction, data)

    def eof_received(self) -> bool:
        self._connection.take(self._direction, b"")
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._connection.take(self._direction, b"")


class Connection:
    """A client's connection, and ours to the server behind it. Bytes held back by an impairment
    are delivered when it is lifted, as TCP would.
    """

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self.client = ""
        self._halves: dict[Direction, _Half] = {
            "requests": _Half(self, "requests"),
            "replies": _Half(self, "replies"),
        }
        # Chunks read but not forwarded, with the time each is due; an empty chunk ends the stream.
        self._held: dict[Direction, deque[tuple[float, bytes]]] = {
            "requests": deque(),
            "replies": deque(),
        }
        self._timer: asyncio.TimerHandle | None = None
        self._dialing: asyncio.Task[None] | None = None
        self._over = False

    def front(self) -> asyncio.Protocol:
        """The client's side."""
        return self._halves["requests"]

    def accepted(self) -> None:
        transport = self._halves["requests"].transport
        assert transport is not None
        self.client = self._proxy.owner_of(transport.get_extra_info("peername")[1])
        self._proxy.connections.add(self)
        if self._proxy.impairment(self.client).cut:
            self.reset()
            return
        self.pump()

    def take(self, direction: Direction, data: bytes) -> None:
        """Queue `data`; empty means the end of the stream."""
        held = self._held[direction]
        if self._over or (not data and held and not held[-1][1]):
            return
        due = asyncio.get_running_loop().time() + self._proxy.impairment(self.client).latency_s
        held.append((due, data))
        if len(held) > _MAX_HELD:
            self._reading(direction, on=False)
        self.pump()

    def pump(self) -> None:
        """Forward what is due."""
        if self._over:
            return
        lost = self._proxy.impairment(self.client).lost
        if self._halves["replies"].transport is None:
            if "requests" not in lost:
                self._dial()
            return
        if self._timer is not None:
            self._timer.cancel()
        for direction in _DIRECTIONS:
            if direction not in lost:
                self._deliver(direction)
        due = [held[0][0] for one, held in self._held.items() if held and one not in lost]
        if due and not self._over:
            self._timer = asyncio.get_running_loop().call_at(min(due), self.pump)

    def _deliver(self, direction: Direction) -> None:
        held = self._held[direction]
        target = self._halves[_OTHER[direction]].transport
        now = asyncio.get_running_loop().time()
        while target is not None and held and held[0][0] <= now:
            _, data = held.popleft()
            if not data:
                self.close()
                return
            target.write(data)
        if len(held) <= _MAX_HELD:
            self._reading(direction, on=True)

    def reset(self) -> None:
        """Reset both sides (RST)."""
        for half in self._halves.values():
            if half.transport is not None:
                with contextlib.suppress(OSError, AttributeError):
                    sock = half.transport.get_extra_info("socket")
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                half.transport.abort()
        self._forget()

    def close(self) -> None:
        """Close both sides once their buffers are sent."""
        for half in self._halves.values():
            if half.transport is not None:
                half.transport.close()
        self._forget()

    def _forget(self) -> None:
        self._over = True
        self._proxy.connections.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        if self._dialing is not None:
            self._dialing.cancel()

    def _dial(self) -> None:
        if self._dialing is None:
            self._dialing = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(
                lambda: self._halves["replies"], LOOPBACK, self._proxy.upstream
            )
        except OSError:
            self.reset()

    def _reading(self, direction: Direction, *, on: bool) -> None:
        transport = self._halves[direction].transport
        if transport is None or transport.is_closing():
            return
        if on:
            transport.resume_reading()
        else:
            transport.pause_reading()


class Proxy:
    """The address of one server for all our processes. `find_owner(client_port, proxy_port)` names
    the process at the other end of a connection.
    """

    def __init__(self, port: int, upstream: int, find_owner: Callable[[int, int], str]) -> None:
        self.port = port
        self.upstream = upstream
        self.connections: set[Connection] = set()
        self._find_owner = find_owner
        self._impairments: dict[str, Impairment] = {}
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self).front(), LOOPBACK, self.port, backlog=512
        )

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.reset()

    def owner_of(self, client_port: int) -> str:
        return self._find_owner(client_port, self.port)

    def impairment(self, client: str) -> Impairment:
        """The current impairment of the link of `client`."""
        return self._impairments.get(client) or _UNIMPAIRED

    def impair(self, clients: list[str], impairment: Impairment | None) -> None:
        """Impair the links of `clients`; None lifts the impairment."""
        for client in clients:
            if impairment is None:
                self._impairments.pop(client, None)
            else:
                self._impairments[client] = impairment
        for connection in list(self.connections):
            if connection.client in clients:
                if impairment is not None and impairment.cut:
                    connection.reset()
                else:
                    connection.pump()


_UNIMPAIRED = Impairment()
