"""``/healthz``, ``/readyz`` and ``/metrics`` of a worker, for probes and Prometheus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from aiohttp import web

from telemetry.exposition import CONTENT_TYPE, Exposition
from telemetry.health import HealthCheck, run_checks, status_of


class HealthServer:
    """A small HTTP server, started before the worker so that its startup can be observed."""

    def __init__(
        self, host: str, port: int, checks: Sequence[HealthCheck], metrics: Exposition
    ) -> None:
        self._host = host
        self._port = port
        self._checks = checks
        self._exposition = metrics
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Start listening. Raises `OSError` if the port is in use."""
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def stop(self) -> None:
        """Close the listening socket."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _readyz(self, _request: web.Request) -> web.Response:
        results = await run_checks(self._checks)
        servers = {health.name: asdict(health) for health in results}
        for health in servers.values():
            del health["name"], health["reason"]
        status = status_of(results)
        return web.json_response(
            {"status": status, "servers": servers}, status=503 if status == "unavailable" else 200
        )

    async def _metrics(self, _request: web.Request) -> web.Response:
        text = await self._exposition.text()
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE})
