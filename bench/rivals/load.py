"""The load generator for all compared servers: ``python -m bench.rivals.load`` reads an `Order` as
JSON and prints its measurements as JSON.

It sends the same to all of them, in each one's protocol; see `bench.rivals.clients`.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import uvloop

from bench.proc import cpu_s, descendants, disable_gc, own_cpu_s, rss_bytes
from bench.rivals.clients import CLIENTS, Client
from bench.rivals.sockets import Crowd
from telemetry.files import raise_file_limit

WARM_UP = 20_000
"""Unmeasured messages, because Node and Bun compile code that runs often."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to measure on the server of process `pid`, which listens on `port`."""

    port: int
    pid: int
    protocol: str
    sockets: int
    deliveries: int
    """Messages of broadcasts in a row, in total over all sockets."""
    answers: int
    single_deliveries: int
    """Messages of broadcasts each of which waits for the one before, as questions do."""


class Room(Crowd[Client]):
    """All sockets, and what they send."""

    def __init__(self, kind: type[Client]) -> None:
        super().__init__()
        self._kind = kind

    async def broadcast(self, times: int) -> float:
        """Have the server send `times` messages to all; return the seconds until all arrived."""
        order, replies = self._kind.order(times)
        self.expect(times * len(self.sockets) + replies)
        began = time.perf_counter()
        self.sockets[0].send(order)
        await self.all_arrived()
        return time.perf_counter() - began

    async def answer(self) -> float:
        """Send an answer from every socket; return the seconds until all are acknowledged."""
        return await self.answers(self._kind.answer)


class Meter:
    """CPU seconds used by the server, with its children, and by ourselves."""

    def __init__(self, pid: int) -> None:
        self._pids = (pid, *descendants().get(pid, ()))
        self._server, self._own = self._server_s(), own_cpu_s()

    def read(self) -> dict[str, float]:
        return {
            "server_cpu_s": round(self._server_s() - self._server, 3),
            "generator_cpu_s": round(own_cpu_s() - self._own, 3),
        }

    def _server_s(self) -> float:
        return sum(map(cpu_s, self._pids))


async def measure(order: Order) -> dict[str, Any]:
    """Connect, broadcast, send answers."""
    kind = CLIENTS[order.protocol]
    room = Room(kind)
    found: dict[str, Any] = {}
    rss, meter, began = rss_bytes(order.pid), Meter(order.pid), time.perf_counter()
    clients = [kind(room.got) for _ in range(order.sockets)]
    await room.enter(clients, f"http://127.0.0.1:{order.port}", path=kind.path)
    found["connect"] = {"s": time.perf_counter() - began, **meter.read()}
    await asyncio.sleep(1)
    found["rss_kb_per_socket"] = (rss_bytes(order.pid) - rss) / 1000 / order.sockets
    disable_gc()

    def times(count: int) -> int:
        return max(1, count // order.sockets)

    await room.broadcast(times(WARM_UP))
    many = times(order.deliveries)
    sent = many * order.sockets
    found["broadcast"] = await _rate(order.pid, lambda: room.broadcast(many), 1, sent)
    singles = times(order.single_deliveries)
    found["single"] = await _rate(order.pid, lambda: room.broadcast(1), singles, order.sockets)
    for _ in range(times(WARM_UP)):
        await room.answer()
    found["acks"] = await _rate(order.pid, room.answer, times(order.answers), order.sockets)
    found["rss_kb_per_socket_after"] = (rss_bytes(order.pid) - rss) / 1000 / order.sockets
    for client in room.sockets:
        client.cut()
    return found


async def _rate(
    pid: int, act: Callable[[], Awaitable[float]], times: int, messages: int
) -> dict[str, float]:
    """Act `times` times, with `messages` each; return messages per second, microseconds of server
    CPU per message, and the median of the milliseconds.
    """
    meter = Meter(pid)
    spent_s = [await act() for _ in range(times)]
    used, count = meter.read(), times * messages
    return {
        "per_s": count / sum(spent_s),
        "cpu_us": 1e6 * used["server_cpu_s"] / count,
        "ms": 1000 * statistics.median(spent_s),
        **used,
    }


def main() -> None:
    raise_file_limit()
    order = Order(**json.loads(sys.stdin.read()))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(measure(order))))


if __name__ == "__main__":
    main()
