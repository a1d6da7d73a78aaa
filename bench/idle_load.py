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
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from bench.proc import disable_gc
from telemetry.files import raise_file_limit

READY = "ready"
_AWAY_S = 1.0
_LONGEST_S = 120.0


@dataclass(frozen=True, slots=True)
class IdleOrder:
    """`players` join; `returning` of them reconnect, `at_once` concurrently."""

    urls: list[str]
    pin: str
    players: int
    returning: int
    at_once: int


class IdlePlayer(WSListener):
    """A player over successive connections."""

    def __init__(self, number: int, pin: str) -> None:
        super().__init__()
        self.lost = asyncio.Event()
        self._join = {"pin": pin, "nickname": f"Player {number}"}
        self._token: str | None = None
        self._transport: WSTransport | None = None
        self._in: asyncio.Future[None] | None = None

    async def enter(self, url: str) -> None:
        """Connect and join or resume; returns when the snapshot has arrived."""
        self._in = asyncio.get_running_loop().create_future()
        self.lost.clear()
        async with asyncio.timeout(_LONGEST_S):
            await ws_connect(
                lambda: self,
                f"{url.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket",
                websocket_handshake_timeout=60,
            )
            await self._in

    def cut(self) -> None:
        """Drop the connection without a closing handshake."""
        if self._transport is not None:
            self._transport.disconnect(graceful=False)

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002
        self._transport = None
        self.lost.set()
        if self._in is not None and not self._in.done():
            self._in.set_exception(ConnectionError("the connection was lost"))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        payload = frame.get_payload_as_bytes()
        if payload == b"2":
            transport.send(WSMsgType.TEXT, b"3")
        elif payload.startswith(b"0"):
            auth = json.dumps({"token": self._token}) if self._token else ""
            transport.send(WSMsgType.TEXT, f"40/play,{auth}".encode())
        elif payload.startswith(b"40") and self._token is None:
            transport.send(WSMsgType.TEXT, f"42/play,1{json.dumps(['join', self._join])}".encode())
        elif payload.startswith(b"43/play,1"):
            self._token = json.loads(payload[payload.index(b"[") :])[0]["token"]
            self._entered()
        elif payload.startswith(b'42/play,["snapshot"'):
            self._entered()

    def _entered(self) -> None:
        if self._in is not None and not self._in.done():
            self._in.set_result(None)


async def idle(order: IdleOrder) -> None:
    """Join, wait for the signal, drop and restore connections."""
    players = [IdlePlayer(number, order.pin) for number in range(order.players)]
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
