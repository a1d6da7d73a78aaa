"""Start the compared servers, and determine their versions."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.rivals import programs
from bench.rivals.programs import MissingError
from bench.rivals.protocol import QUESTION, RAW_ANSWER, RAW_QUESTION, RAW_REPLY, REPLY, ROOM
from deploy.errors import StackError
from deploy.local import processes
from deploy.local.ports import free_port

_START_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Rival:
    """A server program. `command` returns it without its last argument, the port, and raises
    `MissingError` if it cannot run here.
    """

    name: str
    title: str
    command: Callable[..., list[str]]
    protocol: str = "socketio"


def _python(module: str) -> Callable[..., list[str]]:
    def command(*, build: bool = True) -> list[str]:
        del build
        return [sys.executable, "-m", f"bench.rivals.{module}"]

    return command


RAW = Rival("raw", "picows alone", _python("raw"), protocol="raw")
OURS = Rival("ours", "Quizrun's transport", _python("ours"))
NODE = Rival("node", "Node socket.io on ws", programs.node)
UWS = Rival("uws", "Node socket.io on uWebSockets.js", programs.uws)
BUN = Rival("bun", "socket.io on Bun", programs.bun)
RUST = Rival("socketioxide", "socketioxide (Rust)", programs.socketioxide)
CENTRIFUGO = Rival("centrifugo", "Centrifugo (Go)", programs.centrifugo, protocol="centrifugo")
STOCK = Rival("stock", "python-socketio on uvicorn", _python("stock"))
RIVALS = (RAW, OURS, RUST, UWS, BUN, CENTRIFUGO, NODE, STOCK)
OTHERS = tuple(one.name for one in RIVALS if one not in (RAW, OURS))
"""Other complete servers. Bare picows is only the upper bound of ours."""

PAYLOADS = {"question": len(RAW_QUESTION), "answer": len(RAW_ANSWER), "reply": len(RAW_REPLY)}
"""Message sizes in bytes, without Socket.IO's overhead."""


@asynccontextmanager
async def running(rival: Rival) -> AsyncIterator[tuple[int, int]]:
    """Run a server; yields its port and process id."""
    port = free_port()
    protocol = json.dumps({"ROOM": ROOM, "QUESTION": QUESTION, "REPLY": REPLY})
    process = subprocess.Popen(  # noqa: ASYNC220 - it blocks for a millisecond
        [*rival.command(build=False), str(port)],
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


def available(rivals: Iterable[Rival], say: Callable[[str], None]) -> list[Rival]:
    """Install and build the servers; return those that can run here, and say why others cannot."""
    found = []
    for rival in rivals:
        try:
            rival.command()
        except MissingError as reason:
            say(f"Skipped: {rival.title}. {reason}")
        else:
            found.append(rival)
    return found


def versions(rivals: Collection[Rival] = RIVALS) -> dict[str, str]:
    """Return the versions of the compared servers."""
    packages = ("picows", "python-socketio", "uvicorn", "uvloop", "websockets")
    found = {"python": sys.version.split()[0], **{name: version(name) for name in packages}}
    for rival in rivals:
        if rival in _VERSIONS:
            found |= _VERSIONS[rival](rival.command(build=False)[0])
    return found


def _node_versions(program: str) -> dict[str, str]:
    return {"node": _output(program), "socket.io": _npm(programs.NODE, "socket.io")}


def _uws_versions(program: str) -> dict[str, str]:
    name = "@trufflesuite/uws-js-unofficial"
    return {"node for uWebSockets.js": _output(program), "uWebSockets.js": _npm(programs.UWS, name)}


def _bun_versions(program: str) -> dict[str, str]:
    return {"bun": _output(program), "bun-engine": _npm(programs.BUN, "@socket.io/bun-engine")}


def locked_crates() -> dict[str, str]:
    """Return the versions of what the server in Rust is built from."""
    lock = tomllib.loads((programs.SOCKETIOXIDE / "Cargo.lock").read_text())
    wanted = ("socketioxide", "tokio")
    return {one["name"]: one["version"] for one in lock["package"] if one["name"] in wanted}


def _go_versions(_program: str) -> dict[str, str]:
    found = re.search(r"centrifugo/v6 v(\S+)", (programs.CENTRIFUGO / "go.mod").read_text())
    return {"centrifugo": found[1]} if found else {}


_VERSIONS: dict[Rival, Callable[[str], dict[str, str]]] = {
    NODE: _node_versions,
    UWS: _uws_versions,
    BUN: _bun_versions,
    RUST: lambda _program: locked_crates(),
    CENTRIFUGO: _go_versions,
}


def _output(program: str) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return done.stdout.strip().removeprefix("v")


def _npm(directory: Path, package: str) -> str:
    manifest = directory / "node_modules" / package / "package.json"
    found: str = json.loads(manifest.read_text())["version"]
    return found
