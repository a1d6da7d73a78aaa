"""The echo application in its own process, and other servers in this one."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiohttp
import pytest
from fastapi import FastAPI

from gateway.transport import SocketServer
from gateway.transport.serving import SocketsFirstServer, make_server
from tests.gateway.transport.raw import Raw

PING_INTERVAL_S = 0.3
PING_TIMEOUT_S = 0.2

Running = Callable[[SocketServer], AbstractAsyncContextManager[str]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def wait_for_port(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            # time: before it looks again
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise TimeoutError


@pytest.fixture(scope="session")
async def echo() -> AsyncIterator[str]:
    """The URL of the example application, on uvloop as in production."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.echo_app", "--port", str(port)),
        *("--ping-interval", str(PING_INTERVAL_S), "--ping-timeout", str(PING_TIMEOUT_S)),
    )
    try:
        await wait_for_port(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 10)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def raw(echo: str) -> AsyncIterator[Raw]:
    """A raw client of the example application."""
    async with aiohttp.ClientSession() as session:
        yield Raw(session, echo)


@contextlib.asynccontextmanager
async def serving(
    sio: SocketServer, **options: Any
) -> AsyncIterator[tuple[SocketsFirstServer, str]]:
    app = FastAPI()

    @app.get("/hello")
    async def hello() -> dict[str, str]:
        return {"hello": "world"}

    port = free_port()
    running = make_server(
        *(sio, app), host="127.0.0.1", port=port, log_level="error", lifespan="off", **options
    )
    running.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    task = asyncio.create_task(running.serve())
    await wait_for_port(port)
    try:
        yield running, f"http://127.0.0.1:{port}"
    finally:
        running.should_exit = True
        await asyncio.wait_for(task, 10)


@asynccontextmanager
async def run(sio: SocketServer) -> AsyncIterator[str]:
    """A server in this process, with a FastAPI application beside it; yields its URL."""
    async with serving(sio) as (_, url):
        yield url
