"""A relay between browser and gateway that can be cut or reject WebSockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

_CHUNK = 64 << 10
_REFUSED = (
    b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n"
    b"Connection: close\r\n\r\nBlocked."
)


class Path:
    """A relay on its own port, so that each test has its own origin."""

    def __init__(self, target: str, *, websockets: bool) -> None:
        self._target = urlsplit(target)
        self._websockets = websockets
        self._cut = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.refused = 0
        """The number of rejected WebSockets."""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def cut(self) -> None:
        """Close all connections and accept no more, like a lost network."""
        self._cut = True
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        self._cut = False

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._relay(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        self.cut()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        behind: asyncio.StreamWriter | None = None
        try:
            if self._cut:
                return
            # Browsers open a separate connection for a WebSocket.
            head = await reader.readuntil(b"\r\n\r\n")
            if not self._websockets and b"upgrade: websocket" in head.lower():
                self.refused += 1
                writer.write(_REFUSED)
                await writer.drain()
                return
            source, behind = await asyncio.open_connection(self._target.hostname, self._target.port)
            self._writers.add(behind)
            behind.write(head)
            async with asyncio.TaskGroup() as group:
                group.create_task(_pump(reader, behind))
                group.create_task(_pump(source, writer))
        except (OSError, asyncio.IncompleteReadError, ExceptionGroup):
            pass  # one side has closed
        finally:
            for end in (writer, behind):
                if end is not None:
                    self._writers.discard(end)
                    end.close()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(_CHUNK):
        sink.write(data)
        await sink.drain()
    with suppress(OSError, RuntimeError):
        sink.write_eof()


@asynccontextmanager
async def path_to(target: str, *, websockets: bool = True) -> AsyncIterator[Path]:
    """Run a relay to the gateway at `target`."""
    path = Path(target, websockets=websockets)
    server = await asyncio.start_server(path.accept, "127.0.0.1", 0)
    path.port = server.sockets[0].getsockname()[1]
    try:
        yield path
    finally:
        server.close()
        await path.close()
