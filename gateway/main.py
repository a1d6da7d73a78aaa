"""A gateway process: ``python -m gateway.main --port 8000``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, cast

import uvicorn
import uvloop

from gateway.app import build_gateway
from gateway.http.connection import http_protocol
from gateway.settings import GatewaySettings
from quiz.errors import QuizrunError
from telemetry.environment import load_settings, misconfiguration_ends_process
from telemetry.exposition import SdkMetrics, collect_sdk_metrics
from telemetry.files import raise_file_limit
from telemetry.memory import tune_gc
from telemetry.process import configure_telemetry
from telemetry.tracing import start_tracing

SIGNAL_POLL_S = 0.1


class Server(uvicorn.Server):
    """A uvicorn server that drains its sockets on shutdown and exits with status 0."""

    def __init__(self, config: uvicorn.Config, drain: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._drain = drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start up, but give up when asked to stop: a dependency may never become available."""
        starting = asyncio.create_task(super().startup(sockets), name="startup")
        while not starting.done() and not self.should_exit:
            await asyncio.wait({starting}, timeout=SIGNAL_POLL_S)
        if not starting.done():
            starting.cancel()
            await asyncio.wait({starting})
            return
        await starting
        tune_gc()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain the sockets before their connections are closed."""
        await self._drain()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle SIGTERM and SIGINT: finish open requests, except at a second SIGINT.

        Uvicorn's implementation raises the signal again at the end.
        """
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM)
        for number in signals:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)


async def serve(settings: GatewaySettings, sdk: SdkMetrics | None = None) -> None:
    """Serve until a signal arrives."""
    tracing = start_tracing(settings, "quizrun-gateway", settings.process_name)
    gateway = await build_gateway(settings, sdk, tracing)
    config = uvicorn.Config(
        gateway.asgi,
        host=settings.http_host,
        port=settings.http_port,
        http=cast("Any", http_protocol()),  # any protocol factory works, here and below
        lifespan="on",
        log_config=None,
        access_log=False,
        ws=cast("Any", gateway.websockets),
        server_header=False,
        proxy_headers=False,  # `gateway.http.proxied` does that
        timeout_graceful_shutdown=settings.shutdown_grace_s,
    )
    try:
        await Server(config, gateway.drain).serve()
    finally:
        if tracing is not None:
            tracing.shutdown()


def run(settings: GatewaySettings) -> None:
    """Run the whole process until a signal arrives."""
    configure_telemetry(settings, "quizrun-gateway", (QuizrunError,))
    raise_file_limit()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, collect_sdk_metrics()))


def main() -> None:
    """Parse the command line; all other settings come from the environment."""
    parser = argparse.ArgumentParser(description="Run a Quizrun gateway.")
    parser.add_argument("--host", help="the address to listen on (QUIZRUN_HTTP_HOST)")
    parser.add_argument("--port", type=int, help="the port to listen on (QUIZRUN_HTTP_PORT)")
    given = {"http_host": (arguments := parser.parse_args()).host, "http_port": arguments.port}
    changes = {name: value for name, value in given.items() if value is not None}
    with misconfiguration_ends_process():
        run(load_settings(GatewaySettings).model_copy(update=changes))


if __name__ == "__main__":
    main()
