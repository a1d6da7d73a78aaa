"""A player in Chromium, in a Node process controlled by lines of JSON."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.system.javascript import NODE
from tests.system.system import ROOT

START_S = 120.0
CALL_S = 60.0


class Browser:
    """A page."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._calls = 0

    async def join(self, url: str, pin: str, nickname: str) -> None:
        await self._call("join", url=url, pin=pin, nickname=nickname)

    async def sees(self, text: str) -> None:
        """Wait until the page shows this text."""
        await self._call("sees", text=text)

    async def answers(self, option: str) -> None:
        """Choose an option and wait until the page confirms that it is stored."""
        await self._call("pick", text=option)
        await self.sees("Locked in")

    async def session(self) -> str:
        """The id of the newest Engine.IO session."""
        return str(await self._call("session"))

    async def reply(self, timeout_s: float) -> dict[str, Any]:
        """The next line of the process's output."""
        assert self._process.stdout is not None
        async with asyncio.timeout(timeout_s):
            line = await self._process.stdout.readline()
        assert line, "the browser has ended"
        reply: dict[str, Any] = json.loads(line)
        return reply

    async def _call(self, do: str, **more: Any) -> Any:
        self._calls += 1
        line = json.dumps({"call": self._calls, "do": do, **more})
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        reply = await self.reply(CALL_S)
        assert reply["call"] == self._calls
        assert "failed" not in reply, f"{do} {more}: {reply['failed']}"
        return reply["result"]


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    """Start a browser. Outside CI, skip without a built web client or Playwright."""
    needed = [ROOT / "web" / "dist" / "index.html", ROOT / "web" / "node_modules" / "@playwright"]
    missing = [str(path.relative_to(ROOT)) for path in needed if not path.exists()]
    if missing and not os.environ.get("CI"):
        pytest.skip(f"there is no {' and no '.join(missing)}: run `make web`")
    finding = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.local.chromium"), stdout=asyncio.subprocess.PIPE
    )
    chromium, _ = await finding.communicate()
    assert finding.returncode == 0
    process = await asyncio.create_subprocess_exec(
        *(*NODE, "node", str(Path(__file__).with_name("browser.mjs"))),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "QUIZRUN_CHROMIUM": chromium.decode().strip()},
    )
    browser = Browser(process)
    try:
        await browser.reply(START_S)
        yield browser
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(20):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
