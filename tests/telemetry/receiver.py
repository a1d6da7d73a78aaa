"""A real receiver of Sentry envelopes: Spotlight's sidecar."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp

from tests.system.javascript import NODE, PACKAGE

PATIENCE_S = 30.0


class Receiver:
    """The sidecar, and the events that it has received."""

    def __init__(self, port: int) -> None:
        self.dsn = f"http://public@127.0.0.1:{port}/1"
        self.events: list[dict[str, Any]] = []
        self._url = f"http://127.0.0.1:{port}/stream"
        self._news = asyncio.Event()

    async def listen(self) -> None:
        """Collect past and future events until cancelled."""
        timeout = aiohttp.ClientTimeout(total=None)
        async with (
            aiohttp.ClientSession(timeout=timeout, read_bufsize=2**20) as session,
            session.get(self._url) as stream,
        ):
            async for line in stream.content:
                if line.startswith(b"data:"):
                    _header, items = json.loads(line[5:])
                    self.events += [body for head, body in items if head["type"] == "event"]
                    self._news.set()

    async def receives(self, what: str, where: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for the first event for which `where` holds."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    self._news.clear()
                    for event in self.events:
                        if where(event):
                            return event
                    await self._news.wait()
        except TimeoutError:
            seen = [(one.get("server_name"), text_of(one)) for one in self.events]
            raise AssertionError(f"{what} did not arrive; there were {seen}") from None


def text_of(event: dict[str, Any]) -> str:
    """The error message of an event."""
    values = event.get("exception", {}).get("values") or [{}]
    return str(values[-1].get("value", event.get("message")))


@asynccontextmanager
async def running_receiver() -> AsyncIterator[Receiver]:
    """Run the sidecar on a free port."""
    process = await asyncio.create_subprocess_exec(
        *(*NODE, "node", "spotlight.mjs"),
        cwd=PACKAGE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    listening: asyncio.Task[None] | None = None
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for line in process.stdout:
                if line.startswith(b"{"):
                    break
        receiver = Receiver(json.loads(line)["port"])
        listening = asyncio.create_task(receiver.listen())
        yield receiver
    finally:
        if listening is not None:
            listening.cancel()
            with suppress(asyncio.CancelledError, aiohttp.ClientError):
                await listening
        process.stdin.close()
        await process.communicate()
