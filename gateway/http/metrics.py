"""Metrics of HTTP requests: count, status, duration."""

from __future__ import annotations

import time

from fastapi.routing import APIRoute
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telemetry.metrics import LATENCY_BUCKETS

OTHER = "other"
"""The label of pages and unknown paths: client-made paths must not become labels."""
FOUND = "quizrun.route"
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"))


class HttpMetrics:
    """Metrics by route template, never by path."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "quizrun_http_requests_total",
            "HTTP requests by method, route and status.",
            ["method", "route", "status"],
            registry=registry,
        )
        self.seconds = Histogram(
            "quizrun_http_request_seconds",
            "Seconds until the last byte of the response was written.",
            ["route"],
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        self.in_progress = Gauge(
            "quizrun_http_requests_in_progress", "HTTP requests in progress.", registry=registry
        )


class MetricsMiddleware:
    """Measures requests. Must be the outermost middleware."""

    def __init__(self, app: ASGIApp, *, metrics: HttpMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        metrics, began, status = self._metrics, time.perf_counter(), 500
        found: list[str] = []
        scope[FOUND] = found

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
            route = found[0] if found else OTHER
            method = scope["method"] if scope["method"] in METHODS else OTHER
            metrics.requests.labels(method, route, str(status)).inc()
            metrics.seconds.labels(route).observe(time.perf_counter() - began)


class RouteMiddleware:
    """Records the route for `MetricsMiddleware`, which cannot see the router's own scope.

    Must be the innermost middleware.
    """

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""
        try:
            await self._app(scope, receive, send)
        finally:
            route = scope.get("route")
            if FOUND in scope and isinstance(route, APIRoute):
                # FastAPI's routes do not include the prefix of the router around them.
                prefix = self._prefix if scope["path"].startswith(f"{self._prefix}/") else ""
                scope[FOUND].append(prefix + route.path.removeprefix(prefix))
