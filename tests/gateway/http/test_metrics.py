"""HTTP requests are counted by route, whatever paths clients invent."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import httpx
from prometheus_client import CollectorRegistry

from gateway.http.api import http_app
from gateway.http.metrics import HttpMetrics
from gateway.http.services import Services
from gateway.settings import GatewaySettings

NOWHERE = "127.0.0.1:9"


async def test_requests_are_counted_by_template_and_status() -> None:
    registry = CollectorRegistry()
    settings = GatewaySettings(
        database_url=f"postgresql://nobody@{NOWHERE}/nothing",
        redis_url=f"redis://{NOWHERE}",
        kafka_bootstrap=NOWHERE,
        temporal_address=NOWHERE,
        secret="a secret of at least thirty-two characters",
    )

    def never() -> AbstractAsyncContextManager[Services]:
        raise NotImplementedError

    app = http_app(settings, never, HttpMetrics(registry))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        client.cookies["other"] = "a cookie makes a middleware copy the scope"
        await client.get("/healthz")
        await client.request("BREW", "/api/v1/coffee")
        for number in range(3):
            await client.get(f"/join/{number}")
            await client.put(f"/api/v1/runs/{number}", headers={"Origin": "http://test"})
            await client.get(f"/no/such/page-{number}")
    shown = {
        tuple(sample.labels.values()): sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.name == "quizrun_http_requests_total"
    }
    assert shown.pop(("GET", "/healthz", "200")) == 1
    assert shown.pop(("PUT", "/api/v1/runs/{run_id}", "405")) == 3, shown
    page = [labels for labels in shown if labels[1] == "/join/{pin}"]
    assert [shown.pop(labels) for labels in page] == [3]
    assert {method_and_route[:2] for method_and_route in shown} == {
        ("GET", "other"),
        ("other", "other"),
    }
    assert sum(shown.values()) == 4
    assert registry.get_sample_value("quizrun_http_requests_in_progress") == 0
