"""A WebSocket that sends whatever it is told, as fast as it can."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from tests.gateway.transport.raw import frame

PATIENCE_S = 10.0
HANDSHAKE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nX-Forwarded-For: {address}\r\n\r\n"
)
CLOSE = b"\x88"
"""How a frame begins that closes a connection; its code and reason follow."""


class RefusedError(Exception):
    """The gateway has refused the connection with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Attacker:
    """An open connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, content: bytes) -> bool:
        """Send raw bytes; False if the connection is closed."""
        try:
            self._writer.write(content)
            async with asyncio.timeout(PATIENCE_S):
                await self._writer.drain()
        except ConnectionError:
            return False
        return not self._writer.is_closing()

    async def connect(self, namespace: str = "/play") -> None:
        """Connect to a namespace."""
        await self.send(frame(f"40{namespace},"))
        async with asyncio.timeout(PATIENCE_S):
            await self._reader.readuntil(f'40{namespace},{{"sid"'.encode())

    async def rest(self) -> bytes:
        """Everything that the gateway sends until it closes the connection."""
        heard = bytearray()
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE_S):
                while chunk := await self._reader.read(1 << 20):
                    heard += chunk
        return bytes(heard)

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()


@asynccontextmanager
async def attacking(url: str, address: str = "203.0.113.1") -> AsyncIterator[Attacker]:
    """Connect from an address, as a proxy would say. Raises `RefusedError`."""
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        writer.write(HANDSHAKE.format(host=place.netloc, address=address).encode())
        async with asyncio.timeout(PATIENCE_S):
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head.split(b" ")[1])
            if status != 101:
                raise RefusedError(status)
            await reader.readuntil(b'"maxPayload"')
        yield Attacker(reader, writer)
    finally:
        writer.close()
