"""Players that join, idle and reconnect all at once. ``python -m bench.idle_load`` reads an
`IdleOrder` as JSON and prints a line when all have joined; at a line from its parent it cuts
connections, lets those players return, and prints its measurements.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from typing import Any

import uvloop

from bench.proc import disable_gc
from deploy.bots.raw import RawSocket, values
from telemetry.files import raise_file_limit

READY = "ready"
_AWAY_S = 1.0
_LONGEST_S = 120.0


@dataclass(frozen=True, slots=True)
class IdleOrder:
    """`players` join the runs with `pins` in turn; `returning` of them reconnect, `at_once`
    concurrently.
    """

    urls: list[str]
    pins: list[str]
    players: int
    returning: int
    at_once: int


class IdlePlayer(RawSocket):
    """A player over successive connections."""

    def __init__(self, number: int, pin: str) -> None:
        super().__init__()
        self.lost = asyncio.Event()
        self._join = {"pin": pin, "nickname": f"Player {number}"}
        self._in: asyncio.Future[None] | None = None

    async def enter(self, url: str) -> None:
        """Connect and join or resume; returns when the snapshot has arrived."""
        self._in = asyncio.get_running_loop().create_future()
        self.lost.clear()
        async with asyncio.timeout(_LONGEST_S):
            await self.open(url)
            await self._in

    def on_lost(self) -> None:
        self.lost.set()
        if self._in is not None and not self._in.done():
            self._in.set_exception(ConnectionError("the connection was lost"))

    def on_connected(self) -> None:
        if self.auth is None:
            self.ask(1, "join", self._join)

    def on_ack(self, payload: bytes) -> None:
        self.auth = {"token": values(payload)[0]["token"]}
        self._entered()

    def on_event(self, payload: bytes) -> None:
        if self.event_name(payload) == b"snapshot":
            self._entered()

    def _entered(self) -> None:
        if self._in is not None and not self._in.done():
            self._in.set_result(None)


async def idle(order: IdleOrder) -> None:
    """Join, wait for the signal, drop and restore connections."""
    players = [
        IdlePlayer(number, order.pins[number % len(order.pins)]) for number in range(order.players)
    ]
    await _enter_all(players, order)
    disable_gc()
    print(READY, flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    returning = players[: order.returning]
    for player in returning:
        player.cut()
    await asyncio.gather(*(player.lost.wait() for player in returning))
    await asyncio.sleep(_AWAY_S)
    began = time.perf_counter()
    latencies_s = await _enter_all(returning, order)
    report = {"latencies_s": latencies_s, "total_s": time.perf_counter() - began}
    print(json.dumps(report), flush=True)


async def _enter_all(players: list[IdlePlayer], order: IdleOrder) -> list[float]:
    places = asyncio.Semaphore(order.at_once)

    async def enter(number: int, player: IdlePlayer) -> float:
        async with places:
            began = time.perf_counter()
            await player.enter(order.urls[number % len(order.urls)])
            return time.perf_counter() - began

    return await asyncio.gather(*(enter(number, one) for number, one in enumerate(players)))


def main() -> None:
    raise_file_limit()
    order: dict[str, Any] = json.loads(sys.stdin.readline())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(idle(IdleOrder(**order)))


if __name__ == "__main__":
    main()
