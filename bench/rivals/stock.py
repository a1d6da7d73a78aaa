"""python-socketio's own server on uvicorn: ``python -m bench.rivals.stock PORT``."""

from __future__ import annotations

import sys
from typing import Any

import socketio
import uvicorn

from bench.rivals.protocol import QUESTION, REPLY, ROOM
from telemetry.memory import tune_gc


def main(port: int) -> None:
    """Serve until killed."""
    sio = socketio.AsyncServer(async_mode="asgi")

    async def connect(sid: str, _environ: dict[str, Any]) -> None:
        await sio.enter_room(sid, ROOM)

    async def broadcast(_sid: str, count: int) -> int:
        for _ in range(count):
            await sio.emit("question", QUESTION, room=ROOM)
        return count

    async def answer(_sid: str, _data: Any) -> dict[str, Any]:
        return REPLY

    sio.on("connect", connect)
    sio.on("broadcast", broadcast)
    sio.on("answer", answer)
    tune_gc()  # the same tuning as ours
    app = socketio.ASGIApp(sio)
    uvicorn.run(
        app, host="127.0.0.1", port=port, log_level="warning", loop="uvloop", lifespan="off"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
