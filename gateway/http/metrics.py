"""HTTP requests: how many, how they ended, how long they took."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telemetry.metrics import LATENCY_BUCKETS

OTHER = "other"
"""Whatever is no route of ours, and pages: paths that clients make up must not become labels."""
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"))


class HttpMetrics:
    """Requests by route: the template, never the path."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "quizrun_http_requests_total",
            "HTTP requests by method, route and status.",
            ["method", "route", "status"],
            registry=registry,
        )
        self.seconds = Histogram(
            "quizrun_http_request_seconds",
            "Until the last byte of the response was handed on.",
            ["route"],
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        self.in_progress = Gauge(
            "quizrun_http_requests_in_progress", "HTTP requests under way.", registry=registry
        )


class Measured:
    """The outermost middleware."""

    def __init__(self, app: ASGIApp, *, metrics: HttpMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and note what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        metrics, began, status = self._metrics, time.perf_counter(), 500

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        metrics.in_progress.inc()
        try:
            await self._app(scope, receive, send_noting_status)
        finally:
            metrics.in_progress.dec()
            route = _route(scope)
            method = scope["method"] if scope["method"] in METHODS else OTHER
            metrics.requests.labels(method, route, str(status)).inc()
            metrics.seconds.labels(route).observe(time.perf_counter() - began)


def _route(scope: Scope) -> str:
    path: str | None = getattr(scope.get("route"), "path", None)
    return path if path is not None and path.startswith("/api/") else _known(scope["path"])


def _known(path: str) -> str:
    return path if path in {"/healthz", "/readyz", "/metrics"} else OTHER
