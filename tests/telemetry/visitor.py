"""A player's browser: a Chromium that `visitor.mjs` drives."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.errors import StackError
from deploy.local.chromium import VARIABLE, chromium
from tests.system.javascript import NODE
from tests.system.system import ROOT

SCRIPT = Path(__file__).with_name("visitor.mjs")
NEEDED = (ROOT / "web/dist/.vite/reports.json", ROOT / "web/node_modules/playwright-core")
PATIENCE_S = 45.0


class Visitor:
    """One page."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def run(self, what: str, **more: Any) -> Any:
        """Run a command and return its result; raise `AssertionError` if it fails."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": what, **more}).encode() + b"\n")
        async with asyncio.timeout(PATIENCE_S):
            line = await self._process.stdout.readline()
        said = json.loads(line)
        assert "done" in said, f"{what}: {said}"
        return said["done"]


async def browser_path() -> str:
    """A Chromium with a built web client; outside CI, skip if there is none."""
    missing = [path for path in NEEDED if not path.exists()]
    assert not (missing and os.environ.get("CI")), f"no {missing}: `make web`"
    if missing:
        pytest.skip("the web client is not built: `make web`")
    try:
        return await asyncio.to_thread(chromium)
    except StackError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@asynccontextmanager
async def visiting(path: str, url: str) -> AsyncIterator[Visitor]:
    """Open a page in the Chromium at `path`."""
    process = await asyncio.create_subprocess_exec(
        *(*NODE, "node", str(SCRIPT), url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, VARIABLE: path},
    )
    assert process.stdin is not None
    try:
        yield Visitor(process)
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(10):
                await process.communicate()
        except TimeoutError:
            process.kill()
            await process.communicate()
