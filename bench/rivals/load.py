"""The load generator for all compared servers, a process of its own: ``python -m
bench.rivals.load`` reads an `Order` as JSON and prints what it measured as JSON.

One client for both wires: only the first bytes of frames differ, which a client looks at anyway.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import time
from dataclasses import dataclass
from typing import Any

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from bench.proc import cpu_s, rss_bytes
from bench.rivals.protocol import ANSWER, RAW_ANSWER
from telemetry.files import raise_file_limit

AT_ONCE = 100
LONGEST_S = 180.0
WARM_UP = 2_000
"""Messages that are not measured: Node compiles what runs often."""


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
    """Broadcasts that are timed one by one, from the order to the last socket."""


class Crowd:
    """All sockets: who is in, and how many messages are still to come."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.clients: list[Client] = []
        self.awaited = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        answer = json.dumps(["answer", ANSWER], separators=(",", ":"))
        self.answer = RAW_ANSWER if order.raw else f"421{answer}".encode()

    def got(self) -> None:
        """One of the awaited messages has come."""
        self.awaited -= 1
        if self.awaited == 0:
            self.done.set_result(None)

    def expect(self, count: int) -> None:
        """Count from here until `count` messages have come."""
        self.done = asyncio.get_running_loop().create_future()
        self.awaited = count

    async def all_came(self) -> None:
        """Until then."""
        async with asyncio.timeout(LONGEST_S):
            await self.done

    async def broadcast(self, times: int) -> float:
        """Have the server send `times` messages to all; seconds until all have all."""
        count = times * len(self.clients)
        # A Socket.IO server acknowledges the order, too.
        self.expect(count if self.order.raw else count + 1)
        began = time.perf_counter()
        order = f"B{times}" if self.order.raw else f'422["broadcast",{times}]'
        self.clients[0].send(order.encode())
        await self.all_came()
        return time.perf_counter() - began

    async def answers(self) -> float:
        """All send an answer at once; seconds until all are acknowledged."""
        self.expect(len(self.clients))
        began = time.perf_counter()
        for client in self.clients:
            client.send(self.answer)
        await self.all_came()
        return time.perf_counter() - began


class Client(WSListener):
    """One socket."""

    def __init__(self, crowd: Crowd) -> None:
        super().__init__()
        self._crowd = crowd
        self._transport: WSTransport | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        if self._crowd.order.raw:
            self.ready.set_result(None)

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002
        self._transport = None

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        payload = frame.get_payload_as_bytes()
        if payload[:2] in (b"42", b"43", b'["', b'{"'):
            self._crowd.got()
        elif payload == b"2":
            transport.send(WSMsgType.TEXT, b"3")
        elif payload.startswith(b"0"):
            transport.send(WSMsgType.TEXT, b"40")
        elif payload.startswith(b"40") and not self.ready.done():
            self.ready.set_result(None)

    def send(self, payload: bytes) -> None:
        if self._transport is None:
            raise ConnectionError("a socket was lost")
        self._transport.send(WSMsgType.TEXT, payload)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.disconnect(graceful=False)


class Meter:
    """CPU seconds of the server and of ourselves over a stretch."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._server, self._own = cpu_s(pid), own_cpu_s()

    def read(self) -> dict[str, float]:
        return {
            "server_cpu_s": round(cpu_s(self._pid) - self._server, 3),
            "generator_cpu_s": round(own_cpu_s() - self._own, 3),
        }


def own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def measure(order: Order) -> dict[str, Any]:
    """Connect, broadcast, answer."""
    crowd = Crowd(order)
    found: dict[str, Any] = {}
    rss, meter, began = rss_bytes(order.pid), Meter(order.pid), time.perf_counter()
    await _connect(crowd)
    found["connect"] = {"s": time.perf_counter() - began, **meter.read()}
    await asyncio.sleep(1)
    found["rss_kb_per_socket"] = (rss_bytes(order.pid) - rss) / 1000 / order.sockets
    gc.collect()
    gc.freeze()
    gc.disable()  # a pause of ours would be measured as one of theirs

    times = max(1, order.deliveries // order.sockets)
    await crowd.broadcast(max(1, WARM_UP // order.sockets))
    meter = Meter(order.pid)
    spent_s = await crowd.broadcast(times)
    found["broadcast"] = _rate(times * order.sockets, spent_s, meter)
    singles = [await crowd.broadcast(1) for _ in range(order.singles)]
    found["single_ms"] = sorted(1000 * one for one in singles)[len(singles) // 2]

    bursts = max(1, order.answers // order.sockets)
    for _ in range(max(1, WARM_UP // order.sockets)):
        await crowd.answers()
    meter = Meter(order.pid)
    spent_s = 0.0
    for _ in range(bursts):
        spent_s += await crowd.answers()
    found["acks"] = _rate(bursts * order.sockets, spent_s, meter)
    found["rss_kb_per_socket_after"] = (rss_bytes(order.pid) - rss) / 1000 / order.sockets
    for client in crowd.clients:
        client.close()
    return found


def _rate(count: int, spent_s: float, meter: Meter) -> dict[str, float]:
    """Messages a second, and microseconds of the server's CPU for each."""
    used = meter.read()
    return {"per_s": count / spent_s, "cpu_us": 1e6 * used["server_cpu_s"] / count, **used}


async def _connect(crowd: Crowd) -> None:
    order, places = crowd.order, asyncio.Semaphore(AT_ONCE)
    path = "" if order.raw else "socket.io/?EIO=4&transport=websocket"

    async def enter() -> None:
        client = Client(crowd)
        async with places:
            await ws_connect(
                lambda: client,
                f"ws://127.0.0.1:{order.port}/{path}",
                websocket_handshake_timeout=60,
            )
            await client.ready
        crowd.clients.append(client)

    await asyncio.gather(*(enter() for _ in range(order.sockets)))


def main() -> None:
    raise_file_limit()
    order = Order(**json.loads(sys.stdin.read()))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(measure(order))))


if __name__ == "__main__":
    main()
