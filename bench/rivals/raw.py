"""picows alone, as an upper bound: ``python -m bench.rivals.raw PORT``."""

from __future__ import annotations

import asyncio
import sys

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

from bench.rivals.protocol import RAW_QUESTION, RAW_REPLY
from telemetry.memory import tune_gc

_clients: set[WSTransport] = set()
_tasks: set[asyncio.Task[None]] = set()


class Listener(WSListener):
    def on_ws_connected(self, transport: WSTransport) -> None:
        _clients.add(transport)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        _clients.discard(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        payload = frame.get_payload_as_bytes()
        if payload.startswith(b"A"):
            transport.send(WSMsgType.TEXT, RAW_REPLY)
        else:
            task = asyncio.create_task(_broadcast(int(payload[1:])))
            _tasks.add(task)
            task.add_done_callback(_tasks.discard)


async def _broadcast(count: int) -> None:
    for _ in range(count):
        for transport in _clients:
            transport.send(WSMsgType.TEXT, RAW_QUESTION)
        await asyncio.sleep(0)


def _listener(_request: WSUpgradeRequest) -> WSListener:
    return Listener()


async def main(port: int) -> None:
    """Serve until killed."""
    tune_gc()
    running = await ws_create_server(_listener, "127.0.0.1", port)
    await running.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
