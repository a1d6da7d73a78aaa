"""The stock JavaScript client in a Node process, controlled by lines of JSON."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from deploy.bots.errors import RefusedError
from tests.system.client import PATIENCE_S, Client

PACKAGE = Path(__file__).parents[1] / "clients"
NODE = (sys.executable, "-m", "deploy.local.node")
INSTALLED = PACKAGE / "node_modules" / ".package-lock.json"
MAX_LINE_BYTES = 16 * 1024 * 1024


class Driver:
    """The Node process with its clients."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._numbers = itertools.count(1)
        self._calls: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._clients: dict[str, JavaScriptClient] = {}

    def admit(self, client: JavaScriptClient) -> str:
        """Register a new client and return its name."""
        name = str(next(self._numbers))
        self._clients[name] = client
        return name

    async def call(self, client: str, do: str, **more: Any) -> Any:
        """Call the process and return its reply. Raises `RefusedError`."""
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._calls[number] = answer
        line = json.dumps({"call": number, "client": client, "do": do, **more})
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        try:
            async with asyncio.timeout(PATIENCE_S):
                result = await answer
        finally:
            del self._calls[number]
        if "refused" in result:
            raise RefusedError(result["refused"])
        return result["result"]

    async def listen(self) -> None:
        """Dispatch the process's output until it exits."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = json.loads(line)
            if "call" in said:
                answer = self._calls.get(said["call"])
                if answer is not None and not answer.done():
                    answer.set_result(said)
            else:
                self._clients[said["client"]].take(said["event"], said["args"])


class JavaScriptClient(Client):
    """`options` are the library's; by default it starts with polling and then upgrades."""

    def __init__(
        self, driver: Driver, options: dict[str, Any], url: str, namespace: str = "/play"
    ) -> None:
        super().__init__(url, namespace)
        self._driver = driver
        self._options = options
        self._name: str | None = None

    async def connect(self, url: str | None = None, **auth: Any) -> Self:
        self.url = url or self.url
        self._name = self._driver.admit(self)
        await self._driver.call(
            self._name, "open", url=self.url + self.namespace, auth=auth, options=self._options
        )
        return self

    async def ask(self, event: str, *args: Any) -> Any:
        assert self._name is not None
        return await self._driver.call(self._name, "emit", event=event, args=args)

    async def transport(self) -> str:
        """The current transport: `polling` or `websocket`."""
        assert self._name is not None
        return str(await self._driver.call(self._name, "transport"))

    async def session(self) -> str:
        """The id of the Engine.IO session."""
        assert self._name is not None
        return str(await self._driver.call(self._name, "session"))

    async def close(self) -> None:
        if self._name is not None:
            await self._driver.call(self._name, "close")
            self._name = None
            self.connected = False

    def take(self, event: str, args: list[Any]) -> None:
        """Record an event of this client."""
        if event in ("connect", "disconnect"):
            self.connected = event == "connect"
        self.note(event, *args)


@asynccontextmanager
async def running_driver(authority: Path | None = None) -> AsyncIterator[Driver]:
    """Start the process, installing the library first if necessary. Its clients trust
    certificates signed by `authority`.
    """
    if not INSTALLED.exists():
        command = (*NODE, "npm", "ci", "--prefix", str(PACKAGE), "--no-audit", "--no-fund")
        installing = await asyncio.create_subprocess_exec(*command)
        assert await installing.wait() == 0, "npm ci failed"
    process = await asyncio.create_subprocess_exec(
        *NODE,
        "node",
        str(PACKAGE / "driver.mjs"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=MAX_LINE_BYTES,
        env={**os.environ, **({"NODE_EXTRA_CA_CERTS": str(authority)} if authority else {})},
    )
    driver = Driver(process)
    listening = asyncio.create_task(driver.listen())
    yield driver
    assert process.stdin is not None
    process.stdin.close()
    await listening
    assert await process.wait() == 0
