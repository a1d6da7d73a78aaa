"""Run dashboard queries like Grafana."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Sequence
from typing import Any

import httpx

from deploy.grafana.generate import DASHBOARDS
from deploy.grafana.model import Prom

RATE_INTERVAL = "20s"
"""Grafana's `$__rate_interval` for a scrape interval of 5 s."""
STEP_S = 2
RANGE_S = 600
LABEL = re.compile(r"{{(\w+)}}")


def promql() -> list[Prom]:
    """Every Prometheus query of every panel."""
    return [
        query
        for dashboard in DASHBOARDS
        for panel in dashboard.panels
        for query in panel.queries
        if isinstance(query, Prom)
    ]


async def series(client: httpx.AsyncClient, prometheus: str, query: Prom) -> list[dict[str, Any]]:
    """The series of the last ten minutes, as a panel would draw them."""
    expr = query.expr.replace("$__rate_interval", RATE_INTERVAL).replace("$instance", ".*")
    now = time.time()
    asked = {"query": expr, "start": now - RANGE_S, "end": now, "step": STEP_S}
    answer = await client.post(f"{prometheus}/api/v1/query_range", data=asked)
    assert answer.status_code == 200, f"{expr}: {answer.text}"
    found: list[dict[str, Any]] = answer.json()["data"]["result"]
    return found


async def flaws(prometheus: str, queries: Sequence[Prom]) -> dict[Prom, str]:
    """Queries without data, or whose legend uses labels that their series lack."""
    found: dict[Prom, str] = {}
    async with httpx.AsyncClient(timeout=30.0) as client:
        for query in queries:
            drawn = await series(client, prometheus, query)
            values = [float(value) for one in drawn for _, value in one["values"]]
            if not any(math.isfinite(value) for value in values):
                found[query] = f"nothing: {query.expr}"
            elif lacking := _lacking(query, drawn):
                found[query] = f"no label {lacking}: {query.expr}"
    return found


def _lacking(query: Prom, drawn: Sequence[dict[str, Any]]) -> set[str]:
    """Labels of the legend that a series lacks, except in `vector(0)`."""
    named = set(LABEL.findall(query.legend))
    return {label for one in drawn if one["metric"] for label in named - one["metric"].keys()}
