"""Our transport: ``python -m bench.rivals.ours PORT``."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import uvloop

from bench.rivals.protocol import QUESTION, REPLY, ROOM
from gateway.transport import SocketServer
from gateway.transport.serving import make_server
from telemetry.memory import tune_gc


async def main(port: int) -> None:
    """Serve until killed."""
    sio = SocketServer(async_mode="asgi")

    def connect(sid: str, _environ: dict[str, Any]) -> None:
        sio.manager.basic_enter_room(sid, "/", ROOM)

    async def broadcast(_sid: str, count: int) -> int:
        for _ in range(count):
            sio.emit_now("question", QUESTION, room=ROOM)
            await asyncio.sleep(0)
        return count

    sio.on("connect", connect)
    sio.on("broadcast", broadcast)
    sio.on_fast("/", "answer", lambda _member, _args, _ack_id: REPLY)
    tune_gc()
    await make_server(sio, host="127.0.0.1", port=port, log_level="warning", lifespan="off").serve()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
