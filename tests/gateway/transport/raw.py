"""An Engine.IO client that sends what it is told, valid or not."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

TIMEOUT_S = 5


class Wire:
    """A WebSocket. `hear` replies to pings unless told otherwise."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def say(self, *packets: str | bytes) -> None:
        for packet in packets:
            if isinstance(packet, str):
                await self.ws.send_str(packet)
            else:
                await self.ws.send_bytes(packet)

    async def hear(self, *, pings: bool = False) -> str | bytes:
        """The next packet; pings only if wanted."""
        while True:
            message = await self.ws.receive(TIMEOUT_S)
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                raise ConnectionError(str(message))
            if message.data != "2" or pings:
                return message.data  # type: ignore[no-any-return]
            await self.ws.send_str("3")

    async def opened(self) -> dict[str, Any]:
        """The handshake."""
        packet = await self.hear()
        assert isinstance(packet, str)
        assert packet.startswith("0")
        return json.loads(packet[1:])  # type: ignore[no-any-return]

    async def connected(self, namespace: str = "") -> None:
        """Connect to a namespace and read its greeting."""
        await self.opened()
        await self.say(f"40{namespace}")
        await self.hear()
        await self.hear()

    async def is_closed(self) -> bool:
        """Wait until the server closes, whatever it sends before."""
        while True:
            message = await self.ws.receive(TIMEOUT_S)
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                return True


class Raw:
    """A client of one server."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http = http
        self.url = url

    @asynccontextmanager
    async def websocket(
        self, query: str = "EIO=4&transport=websocket", **options: Any
    ) -> AsyncIterator[Wire]:
        url = f"{self.url.replace('http', 'ws')}/socket.io/?{query}"
        async with self.http.ws_connect(url, timeout=_closing(), **options) as ws:
            yield Wire(ws)

    def probe(self, sid: str) -> Any:
        return self.websocket(f"EIO=4&transport=websocket&sid={sid}")

    async def ask(self, method: str, query: str, body: str | None = None) -> tuple[int, str]:
        address = f"{self.url}/socket.io/?{query}"
        async with self.http.request(method, address, data=body) as response:
            return response.status, await response.text()

    async def poll(self, sid: str) -> tuple[int, str]:
        return await self.ask("GET", f"EIO=4&transport=polling&sid={sid}")

    async def post(self, sid: str, body: str) -> tuple[int, str]:
        return await self.ask("POST", f"EIO=4&transport=polling&sid={sid}", body)

    async def open_polling(self) -> dict[str, Any]:
        status, text = await self.ask("GET", "EIO=4&transport=polling")
        assert status == 200
        assert text.startswith("0")
        return json.loads(text[1:])  # type: ignore[no-any-return]

    async def polling_sid(self) -> str:
        return str((await self.open_polling())["sid"])


class Sleeper:
    """A client that connects and then stops reading."""

    def __init__(self, url: str) -> None:
        self.port = int(url.rpartition(":")[2])
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.setblocking(False)

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self.socket, ("127.0.0.1", self.port))
        request = (
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: x\r\nupgrade: websocket"
            "\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\n"
            "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        await loop.sock_sendall(self.socket, request.encode())
        await self.read_until(b"maxPayload")
        await loop.sock_sendall(self.socket, frame("40"))
        await self.read_until(b'40{"sid"')

    async def read_until(self, what: bytes) -> bytes:
        loop, heard = asyncio.get_running_loop(), b""
        while what not in heard:
            async with asyncio.timeout(5):
                chunk = await loop.sock_recv(self.socket, 1_000_000)
            if not chunk:
                raise ConnectionError(heard[-200:])
            heard += chunk
        return heard


def frame(payload: str | bytes, kind: int = 1) -> bytes:
    """A WebSocket frame of a client; text by default."""
    content = payload.encode() if isinstance(payload, str) else payload
    size = len(content)
    if size < 126:
        head = struct.pack("!BB", 0x80 | kind, 0x80 | size)
    else:
        head = struct.pack("!BBH", 0x80 | kind, 0x80 | 126, size)
    return head + bytes(4) + content  # a mask of zeros


def _closing() -> aiohttp.ClientWSTimeout:
    return aiohttp.ClientWSTimeout(ws_close=0.2)
