"""The load generator for all compared servers: ``python -m bench.rivals.load`` reads an `Order` as
JSON and prints its measurements as JSON.

One client serves both protocols: only the first bytes of frames differ.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from typing import Any

import uvloop
from picows import WSTransport

from bench.proc import cpu_s, disable_gc, own_cpu_s, rss_bytes
from bench.rivals.protocol import ANSWER, RAW_ANSWER
from bench.rivals.sockets import Crowd, Socket
from deploy.bots.raw import PATH
from telemetry.files import raise_file_limit

WARM_UP = 2_000
"""Unmeasured messages, because Node compiles code that runs often."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to measure on the server of process `pid`, which listens on `port`."""

    port: int
    pid: int
    raw: bool
    sockets: int
    deliveries: int
    answers: int
    singles: int
    """Broadcasts timed individually, from the order to the last socket."""


class Room(Crowd["Client"]):
    """All sockets, and what they send."""

    def __init__(self, order: Order) -> None:
        super().__init__()
        self.order = order
        answer = json.dumps(["answer", ANSWER], separators=(",", ":"))
        self.answer = RAW_ANSWER if order.raw else f"421{answer}".encode()

    async def broadcast(self, times: int) -> float:
        """Have the server send `times` messages to all; return the seconds until all arrived."""
        count = times * len(self.sockets)
        # A Socket.IO server also acknowledges the order.
        self.expect(count if self.order.raw else count + 1)
        began = time.perf_counter()
        order = f"B{times}" if self.order.raw else f'422["broadcast",{times}]'
        self.sockets[0].send(order.encode())
        await self.all_arrived()
        return time.perf_counter() - began


class Client(Socket):
    """One socket."""

    def __init__(self, room: Room) -> None:
        super().__init__("/")
        self._room = room

    def on_ws_connected(self, transport: WSTransport) -> None:
        super().on_ws_connected(transport)
        if self._room.order.raw:
            self.ready.set_result(None)

    def on_connected(self) -> None:
        if not self.ready.done():
            self.ready.set_result(None)

    def on_event(self, _payload: bytes) -> None:
        self._room.got()

    def on_ack(self, _payload: bytes) -> None:
        self._room.got()

    def on_other(self, payload: bytes) -> None:
        if payload[:2] in (b'["', b'{"'):
            self._room.got()


class Meter:
    """CPU seconds used by the server and by ourselves."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._server, self._own = cpu_s(pid), own_cpu_s()

    def read(self) -> dict[str, float]:
        return {
            "server_cpu_s": round(cpu_s(self._pid) - self._server, 3),
            "generator_cpu_s": round(own_cpu_s() - self._own, 3),
        }


async def measure(order: Order) -> dict[str, Any]:
    """Connect, broadcast, send answers."""
    room = Room(order)
    found: dict[str, Any] = {}
    rss, meter, began = rss_bytes(order.pid), Meter(order.pid), time.perf_counter()
    clients = [Client(room) for _ in range(order.sockets)]
    path = "/" if order.raw else PATH
    await room.enter(clients, f"http://127.0.0.1:{order.port}", path=path)
    found["connect"] = {"s": time.perf_counter() - began, **meter.read()}
    await asyncio.sleep(1)
    found["rss_kb_per_socket"] = (rss_bytes(order.pid) - rss) / 1000 / order.sockets
    disable_gc()

    times = max(1, order.deliveries // order.sockets)
    await room.broadcast(max(1, WARM_UP // order.sockets))
    meter = Meter(order.pid)
    spent_s = await room.broadcast(times)
    found["broadcast"] = _rate(times * order.sockets, spent_s, meter)
    singles = [await room.broadcast(1) for _ in range(order.singles)]
    found["single_ms"] = sorted(1000 * one for one in singles)[len(singles) // 2]

    bursts = max(1, order.answers // order.sockets)
    for _ in range(max(1, WARM_UP // order.sockets)):
        await room.answers(room.answer)
    meter = Meter(order.pid)
    spent_s = 0.0
    for _ in range(bursts):
        spent_s += await room.answers(room.answer)
    found["acks"] = _rate(bursts * order.sockets, spent_s, meter)
    found["rss_kb_per_socket_after"] = (rss_bytes(order.pid) - rss) / 1000 / order.sockets
    for client in room.sockets:
        client.cut()
    return found


def _rate(count: int, spent_s: float, meter: Meter) -> dict[str, float]:
    """Return messages per second, and microseconds of server CPU per message."""
    used = meter.read()
    return {"per_s": count / spent_s, "cpu_us": 1e6 * used["server_cpu_s"] / count, **used}


def main() -> None:
    raise_file_limit()
    order = Order(**json.loads(sys.stdin.read()))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(measure(order))))


if __name__ == "__main__":
    main()
