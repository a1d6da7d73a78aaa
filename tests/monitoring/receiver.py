"""A receiver of Alertmanager's webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from deploy.local.ports import LOOPBACK, free_port


@dataclass
class Receiver:
    """Received alerts with the receiver's name in Alertmanager's configuration."""

    url: str = ""
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        document = await request.json()
        for alert in document["alerts"]:
            self.heard.append((request.match_info["name"], alert))
        self._news.set()
        return web.Response()

    async def until(self, alertname: str, status: str, timeout_s: float) -> tuple[str, Any]:
        """Wait for the first alert with that name and status (`firing` or `resolved`)."""
        async with asyncio.timeout(timeout_s):
            while True:
                for name, alert in self.heard:
                    if (alert["labels"]["alertname"], alert["status"]) == (alertname, status):
                        return name, alert
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{name}", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, LOOPBACK, port).start()
    receiver.url = f"http://{LOOPBACK}:{port}"
    try:
        yield receiver
    finally:
        await runner.cleanup()
