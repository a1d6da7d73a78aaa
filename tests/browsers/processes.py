"""Programs that run during a test."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

START_S = 90.0
_STOP_S = 10.0


@asynccontextmanager
async def running(
    command: Sequence[str], env: Mapping[str, str], log: Path, pass_fds: Sequence[int] = ()
) -> AsyncIterator[None]:
    """Run a program in its own process group, which is killed at the end."""
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *command, env=env, stdout=out, stderr=out, pass_fds=pass_fds, start_new_session=True
        )
    try:
        yield
    finally:
        await _end(process)


async def written(path: Path) -> str:
    """Wait for the file that a program writes when it is ready; return its content."""
    async with asyncio.timeout(START_S):
        while not (path.exists() and path.read_text()):  # noqa: ASYNC110, ASYNC240 - no event
            await asyncio.sleep(0.05)
    return path.read_text()  # noqa: ASYNC240


async def _end(process: asyncio.subprocess.Process) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_S):
                await process.wait()
                if sign == signal.SIGKILL:
                    return
