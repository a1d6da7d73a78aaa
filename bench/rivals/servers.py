"""Start the compared servers, and determine their versions."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.rivals.protocol import QUESTION, RAW_ANSWER, RAW_QUESTION, RAW_REPLY, REPLY, ROOM
from deploy.errors import StackError
from deploy.local import processes
from deploy.local.node import node_directory
from deploy.local.ports import free_port

_NODE = Path(__file__).with_name("node")
_START_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Rival:
    """A server program; its last argument is the port."""

    name: str
    title: str
    raw: bool = False

    def command(self) -> list[str]:
        if self.name == "node":
            return [str(node_directory() / "node"), str(_NODE / "server.mjs")]
        return [sys.executable, "-m", f"bench.rivals.{self.name}"]


RAW = Rival("raw", "picows alone", raw=True)
OURS = Rival("ours", "Quizrun's transport")
NODE = Rival("node", "Node socket.io")
STOCK = Rival("stock", "python-socketio on uvicorn")
RIVALS = (RAW, OURS, NODE, STOCK)

PAYLOADS = {"question": len(RAW_QUESTION), "answer": len(RAW_ANSWER), "reply": len(RAW_REPLY)}
"""Message sizes in bytes, without Socket.IO's overhead."""


@asynccontextmanager
async def running(rival: Rival) -> AsyncIterator[tuple[int, int]]:
    """Run a server; yields its port and process id."""
    port = free_port()
    protocol = json.dumps({"ROOM": ROOM, "QUESTION": QUESTION, "REPLY": REPLY})
    process = subprocess.Popen(  # noqa: ASYNC220 - it blocks for a millisecond
        [*rival.command(), str(port)],
        env={**os.environ, "BENCH_PROTOCOL": protocol, "NODE_ENV": "production"},
        stdin=subprocess.DEVNULL,
        preexec_fn=processes.die_with_parent(signal.SIGKILL),  # noqa: PLW1509
    )
    try:
        await _listens(process, port, rival)
        yield port, process.pid
    finally:
        process.kill()
        process.wait()


async def _listens(process: subprocess.Popen[bytes], port: int, rival: Rival) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _START_TIMEOUT_S
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if process.poll() is not None or loop.time() > deadline:
                raise StackError(f"{rival.title} failed to start.") from None
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


def versions() -> dict[str, str]:
    """Return the versions of the compared servers."""
    packages = ("picows", "python-socketio", "uvicorn", "uvloop", "websockets")
    node = subprocess.run(
        [str(node_directory() / "node"), "--version"], capture_output=True, text=True, check=True
    )
    manifest = _NODE / "node_modules" / "socket.io" / "package.json"
    return {
        "python": sys.version.split()[0],
        **{name: version(name) for name in packages},
        "node": node.stdout.strip().removeprefix("v"),
        "socket.io": json.loads(manifest.read_text())["version"],
    }
