from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from deploy.local.ports import LOOPBACK, free_port
from tests.chaos import procfs
from tests.chaos.network import Impairment, Proxy

ME = "me"


class Echo(asyncio.Protocol):
    """Sends back what it gets."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    server = await asyncio.get_running_loop().create_server(Echo, LOOPBACK, 0)
    upstream = server.sockets[0].getsockname()[1]
    proxy = Proxy(
        free_port(), upstream, lambda client, port: procfs.owner(client, port, {ME: os.getpid()})
    )
    await proxy.start()
    yield proxy
    await proxy.stop()
    server.close()


class Link:
    """A connection through the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def echo(self, text: bytes, timeout_s: float = 5.0) -> bytes:
        self.writer.write(text)
        async with asyncio.timeout(timeout_s):
            return await self.reader.readexactly(len(text))

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


Connect = Callable[[], Awaitable[Link]]


@pytest.fixture
async def connect(proxy: Proxy) -> AsyncIterator[Connect]:
    links: list[Link] = []

    async def connect() -> Link:
        links.append(link := Link(*await asyncio.open_connection(LOOPBACK, proxy.port)))
        return link

    yield connect
    for link in links:
        await link.close()


async def test_sent_data_arrives(proxy: Proxy, connect: Connect) -> None:
    link = await connect()
    text = os.urandom(3_000_000)
    assert await link.echo(text) == text
    assert {connection.client for connection in proxy.connections} == {ME}
    await link.close()
    async with asyncio.timeout(5):
        while proxy.connections:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_cut_link_is_reset_and_new_ones_are_rejected(
    proxy: Proxy, connect: Connect
) -> None:
    link = await connect()
    await link.echo(b"before")
    proxy.impair([ME], Impairment(cut=True))
    with pytest.raises(ConnectionResetError):
        await link.echo(b"after")
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await (await connect()).echo(b"after")
    proxy.impair([ME], None)
    assert await (await connect()).echo(b"again") == b"again"


@pytest.mark.parametrize("lost", [{"requests"}, {"replies"}, {"requests", "replies"}])
async def test_a_link_that_drops_delivers_late(
    proxy: Proxy, connect: Connect, lost: set[str]
) -> None:
    old = await connect()
    await old.echo(b"before")
    proxy.impair([ME], Impairment(lost=frozenset(lost)))  # type: ignore[arg-type]
    new = await connect()
    for link in (old, new):
        with pytest.raises(TimeoutError):
            await link.echo(b"during", timeout_s=0.2)
    proxy.impair([ME], None)
    for link in (old, new):
        assert await link.reader.readexactly(6) == b"during"
        assert await link.echo(b"after") == b"after"


async def test_a_slow_link_takes_its_time_and_keeps_the_order(
    proxy: Proxy, connect: Connect
) -> None:
    link = await connect()
    await link.echo(b"before")
    proxy.impair([ME], Impairment(latency_s=0.1))
    began = time.monotonic()
    text = os.urandom(200_000)
    assert await link.echo(text) == text
    assert time.monotonic() - began >= 0.2
    proxy.impair([ME], None)
    assert await link.echo(b"after") == b"after"


async def test_other_links_are_not_affected(proxy: Proxy, connect: Connect) -> None:
    link = await connect()
    proxy.impair(["somebody else"], Impairment(cut=True))
    assert await link.echo(b"mine") == b"mine"
