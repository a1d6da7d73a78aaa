"""Raw requests on a connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.gateway.transport.raw import Raw


class Caller:
    """Connections to the server."""

    def __init__(self, url: str, patience_s: float = 10) -> None:
        self.url = url
        self._patience_s = patience_s
        self._host, _, port = url.removeprefix("http://").partition(":")
        self._port = int(port)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            async with asyncio.timeout(self._patience_s):
                yield reader, writer
        finally:
            writer.close()

    async def says(self, *parts: bytes) -> bytes:
        """Everything the server sends until it closes the connection."""
        async with self.connection() as (reader, writer):
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await reader.read()

    async def posts(self, rest: bytes) -> bytes:
        """The response to a request whose handler waits for the body."""
        async with aiohttp.ClientSession() as http:
            sid = await Raw(http, self.url).polling_sid()
            target = f"/socket.io/?EIO=4&transport=polling&sid={sid}"
            return await self.says(f"POST {target} HTTP/1.1\r\nHost: x\r\n".encode() + rest)


def problem(response: bytes) -> tuple[int, str]:
    """The status and code of a problem document."""
    head, _, body = response.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower(), response
    document: dict[str, Any] = json.loads(body)
    assert document["detail"].endswith(".")
    assert int(head.split()[1]) == document["status"]
    return document["status"], document["code"]
