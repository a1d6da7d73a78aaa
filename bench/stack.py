"""A benchmark's stack in a temporary directory, and the resources of its processes."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.proc import cpu_s, descendants, rss_bytes
from deploy.errors import StackError
from deploy.local import processes
from deploy.local.demo_host import gateway_urls_of
from deploy.local.logs import tail
from deploy.local.ports import free_port
from deploy.local.state import StackState, read_state

_START_TIMEOUT_S = 120.0


class BenchStack:
    """A running stack: its gateways' addresses and its processes."""

    def __init__(self, state: StackState) -> None:
        self.urls = gateway_urls_of(state)
        self.env = state.env  # QUIZRUN_… variables with its servers' addresses
        self._roots = {one.name: one.pid for one in state.processes}
        self._supervisor = state.supervisor_pid

    def cpu_s(self) -> dict[str, float]:
        """Return CPU seconds used so far by process name, including children (PostgreSQL's)."""
        children = descendants()
        used = {
            name: sum(cpu_s(pid) for pid in (root, *children.get(root, ())))
            for name, root in self._roots.items()
        }
        return {**used, "supervisor": cpu_s(self._supervisor)}

    def rss(self) -> dict[str, int]:
        """Return resident memory in bytes by process name. Memory that PostgreSQL's processes share
        counts for each of them.
        """
        children = descendants()
        used = {
            name: sum(rss_bytes(pid) for pid in (root, *children.get(root, ())))
            for name, root in self._roots.items()
        }
        return {**used, "supervisor": rss_bytes(self._supervisor)}

    def pid(self, name: str) -> int:
        """Return a process's id."""
        return self._roots[name]

    def gateway_pids(self) -> list[int]:
        """Return the gateways' process ids."""
        return [pid for name, pid in self._roots.items() if name.startswith("gateway-")]

    def gateway_rss(self) -> int:
        """Return the gateways' resident memory in bytes."""
        return sum(map(rss_bytes, self.gateway_pids()))


@asynccontextmanager
async def bench_stack(gateways: int, workers: int) -> AsyncIterator[BenchStack]:
    """Run `quizrun up` with an empty state, and remove all its files at the end."""
    directory = _directory()
    env = {name: text for name, text in os.environ.items() if not name.startswith("QUIZRUN_")}
    env |= {
        "QUIZRUN_DATA_DIR": str(directory),
        "QUIZRUN_HTTP_PORT": str(free_port()),
        "QUIZRUN_TEMPORAL_UI_PORT": str(free_port()),
        # One host opens hundreds of runs.
        "QUIZRUN_QUOTA_LIVE_RUNS": "0",
        "QUIZRUN_QUOTA_RUNS_PER_DAY": "0",
        "QUIZRUN_QUOTA_REQUESTS_PER_MINUTE": "0",
    }
    command = [sys.executable, "-m", "deploy.local.cli", "up", "--no-sample"]
    command += ["--gateways", str(gateways), "--workers", str(workers)]
    with (directory / "up.log").open("w") as out:
        up = subprocess.Popen(  # noqa: ASYNC220 - it blocks for a millisecond
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            process_group=0,  # Ctrl-C reaches only us; we then stop the stack
            preexec_fn=processes.die_with_parent(signal.SIGTERM),  # noqa: PLW1509
        )
    try:
        yield BenchStack(await _ready(up, directory))
    finally:
        up.terminate()
        await asyncio.to_thread(up.wait)
        shutil.rmtree(directory, ignore_errors=True)


def _directory() -> Path:
    directory = Path(tempfile.mkdtemp(prefix="quizrun-bench-"))
    directory.chmod(0o711)  # PostgreSQL may run as another user and must be able to enter
    return directory


async def _ready(up: subprocess.Popen[bytes], directory: Path) -> StackState:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _START_TIMEOUT_S
    while not (state := read_state(directory)).ready:
        if up.poll() is not None or loop.time() > deadline:
            lines = "\n".join(tail(directory / "up.log"))
            raise StackError(f"The benchmark's stack failed to start:\n{lines}")
        await asyncio.sleep(0.1)
    return state
