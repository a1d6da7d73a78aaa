"""An in-process trace collector: OTLP over HTTP, as protobuf and JSON."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PATIENCE_S = 30.0


@dataclass(frozen=True)
class Span:
    """A received span; ids are hexadecimal, times epoch ns."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    start_ns: int
    end_ns: int
    attributes: dict[str, Any]
    links: tuple[str, ...]


class Collector:
    """Records every span."""

    def __init__(self) -> None:
        self.url = ""
        self.spans: list[Span] = []
        self._news = asyncio.Event()

    async def has(self, what: str, found: Callable[[list[Span]], Any]) -> Any:
        """Wait until `found(spans)` is truthy; return it."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    self._news.clear()
                    if result := found(self.spans):
                        return result
                    await self._news.wait()
        except TimeoutError:
            seen = sorted({(one.service, one.name) for one in self.spans})
            raise AssertionError(f"no {what}; there were {seen}") from None

    async def receive_traces(self, request: web.Request) -> web.Response:
        """`ExportTraceServiceRequest`."""
        body = await request.read()
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if request.content_type == "application/json":
            decoded = json.loads(body)
        else:
            decoded = MessageToDict(ExportTraceServiceRequest.FromString(body))
            _ids_as_hex(decoded)
        for resource in decoded["resourceSpans"]:
            service = _attributes(resource["resource"])["service.name"]
            for scope in resource["scopeSpans"]:
                self.spans += [_span(service, one) for one in scope["spans"]]
        self._news.set()
        return web.Response(headers=_CORS)

    async def allow(self, _request: web.Request) -> web.Response:
        """Respond to CORS preflight requests."""
        return web.Response(headers=_CORS)


_CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "content-type"}


def _span(service: str, span: dict[str, Any]) -> Span:
    return Span(
        service=service,
        name=span["name"],
        trace_id=span["traceId"],
        span_id=span["spanId"],
        parent_id=span.get("parentSpanId", ""),
        start_ns=int(span["startTimeUnixNano"]),
        end_ns=int(span["endTimeUnixNano"]),
        attributes=_attributes(span),
        links=tuple(link["spanId"] for link in span.get("links", ())),
    )


def _attributes(holder: dict[str, Any]) -> dict[str, Any]:
    pairs = holder.get("attributes", ())
    return {pair["key"]: next(iter(pair["value"].values())) for pair in pairs}


def _ids_as_hex(value: Any) -> None:
    """Protobuf's own JSON has bytes in base64, OTLP's has ids in hexadecimal."""
    if isinstance(value, list):
        for one in value:
            _ids_as_hex(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key in ("traceId", "spanId", "parentSpanId"):
                value[key] = base64.b64decode(one).hex()
            else:
                _ids_as_hex(one)


@asynccontextmanager
async def running_collector() -> AsyncIterator[Collector]:
    """Listen on a free port."""
    collector = Collector()
    app = web.Application(client_max_size=2**24)
    app.router.add_post("/v1/traces", collector.receive_traces)
    app.router.add_options("/v1/traces", collector.allow)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    collector.url = f"http://{host}:{port}/v1/traces"
    try:
        yield collector
    finally:
        await runner.cleanup()
