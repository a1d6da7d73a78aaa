"""A second HTTP port of a process, for as long as a block runs."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.types import ASGIApp

START_POLL_S = 0.01
STOP_S = 2


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the server of the main port."""
        yield


@contextlib.asynccontextmanager
async def side_server(app: ASGIApp, host: str, port: int) -> AsyncIterator[int]:
    """Serve `app` without a lifespan; yields the port. Raises `OSError` if it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listener:
        config = uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=STOP_S,
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]), name="side server")
        while not server.started and not serving.done():  # noqa: ASYNC110
            await asyncio.sleep(START_POLL_S)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await serving
