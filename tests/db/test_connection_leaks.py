"""Abandoned connections are closed at once, not when they are garbage-collected."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text

from db.engine import make_engine, statements
from deploy.local.ports import LOOPBACK
from deploy.local.stack import Servers
from quiz.errors import QuizrunError

TRIES = 8


class BlackHole:
    """A server that accepts connections but never responds, or proxies another one for a while."""

    def __init__(self) -> None:
        self.open = 0
        self.port = 0
        self.upstream: int | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        replies: asyncio.Task[None] | None = None
        try:
            if self.upstream is not None:
                other, to_other = await asyncio.open_connection(LOOPBACK, self.upstream)
                replies = asyncio.create_task(self._copy(other, writer))
                await self._copy(reader, to_other)
                to_other.close()
            while await reader.read(65536):
                pass
        except OSError:
            pass
        finally:
            if replies is not None:
                replies.cancel()
            writer.close()
            self.open -= 1

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if self.upstream is None:
                return
            writer.write(data)

    async def wait_until_empty(self) -> None:
        async with asyncio.timeout(10):
            while self.open:  # noqa: ASYNC110
                await asyncio.sleep(0.02)


@pytest.fixture
async def hole() -> AsyncIterator[BlackHole]:
    hole = BlackHole()
    server = await asyncio.start_server(hole.serve, LOOPBACK)
    hole.port = server.sockets[0].getsockname()[1]
    yield hole
    server.close()


@pytest.fixture
def no_garbage_collection() -> Iterator[None]:
    """As in our processes, where it runs rarely."""
    gc.disable()
    yield
    gc.enable()


async def give_up(url: str, *, sql: str = "SELECT 1") -> None:
    engine = make_engine(url, name="leaks")
    kept: list[BaseException] = []  # as batches and tasks keep what went wrong
    for _ in range(TRIES):
        try:
            async with statements(engine, timeout_s=0.1) as connection:
                await connection.execute(text(sql))
        except QuizrunError as error:
            kept.append(error)
    assert len(kept) == TRIES
    await engine.dispose()


@pytest.mark.usefixtures("no_garbage_collection")
async def test_an_abandoned_connection_attempt_is_closed(hole: BlackHole) -> None:
    await give_up(f"postgresql://nobody@{LOOPBACK}:{hole.port}/none")
    await hole.wait_until_empty()


@pytest.mark.usefixtures("no_garbage_collection")
async def test_an_unresponsive_connection_is_closed_with_its_cancellations(
    hole: BlackHole, servers: Servers
) -> None:
    address, _, port = servers.database_url.rpartition("@")[2].partition("/")[0].partition(":")
    hole.upstream = int(port)
    url = servers.database_url.replace(f"{address}:{port}", f"{LOOPBACK}:{hole.port}")
    engine = make_engine(url, name="leaks")
    async with statements(engine) as connection:
        await connection.execute(text("SELECT 1"))
        hole.upstream = None
    with contextlib.suppress(QuizrunError):
        async with statements(engine, timeout_s=0.1) as connection:
            await connection.execute(text("SELECT pg_sleep(5)"))
    await give_up(url)
    await engine.dispose()
    await hole.wait_until_empty()
