"""The real Prometheus and Alertmanager monitor a real stack by production's rules."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from deploy.grafana.model import Prom
from deploy.local.monitoring import RUNBOOKS
from tests.monitoring.conftest import SEEN_S, Watched
from tests.monitoring.panels import flaws, promql

pytestmark = pytest.mark.timeout(300)  # the first test waits for a stack and a run


async def _until_measured(watched: Watched, *objectives: str) -> None:
    """Wait for the two scrapes that a rate needs."""
    async with asyncio.timeout(SEEN_S):
        while True:
            found: Any = await watched.ask("query", query="slo:quizrun_errors:ratio_rate5m")
            if {one["metric"]["slo"] for one in found["result"]} == set(objectives):
                return
            await asyncio.sleep(0.2)


async def test_every_rule_can_be_evaluated(watched: Watched) -> None:
    await watched.until_up(2)
    async with asyncio.timeout(SEEN_S):
        while True:
            found: Any = await watched.ask("rules")
            rules = [rule for group in found["groups"] for rule in group["rules"]]
            if all(rule["health"] != "unknown" for rule in rules):
                break
            await asyncio.sleep(0.2)
    faulty = [(rule["name"], rule.get("lastError")) for rule in rules if rule["health"] != "ok"]
    assert not faulty
    assert len(rules) > 50
    await _until_measured(watched, "answers", "questions", "reveals", "availability")


async def test_every_panel_shows_data(watched_run: Watched) -> None:
    queries = promql()
    assert len(queries) > 80
    deadline = time.monotonic() + SEEN_S
    while found := await flaws(watched_run.prometheus, queries):
        assert time.monotonic() < deadline, "\n".join(found.values())
        queries = list(found)  # some metrics are updated only every 10 s
        await asyncio.sleep(0.5)


@pytest.mark.parametrize(
    ("expr", "legend", "flaw"),
    [
        ("quizrun_no_such_metric", "", "nothing"),
        ("0 * quizrun_build_info / 0", "", "nothing"),
        ("quizrun_build_info", "{{pin}}", "pin"),
    ],
)
async def test_an_empty_panel_is_detected(
    watched_run: Watched, expr: str, legend: str, flaw: str
) -> None:
    query = Prom(expr, legend)
    assert flaw in (await flaws(watched_run.prometheus, [query]))[query]


async def test_a_killed_worker_and_its_return_are_notified(
    watched: Watched,
) -> None:
    (worker,) = watched.system.workers
    await watched.until_up(2)
    heard_before = len(watched.receiver.heard)
    assert not any(
        alert["labels"]["alertname"] == "QuizrunWorkersDown"
        for _, alert in watched.receiver.heard[:heard_before]
    )
    await worker.kill()
    receiver, alert = await watched.receiver.until("QuizrunWorkersDown", "firing", SEEN_S)
    assert receiver == "pager"
    assert alert["labels"]["severity"] == "page"
    assert "runbooks" not in alert["labels"]
    link = urlsplit(alert["annotations"]["runbook_url"])
    assert link.path == urlsplit((RUNBOOKS / "QuizrunWorkersDown.md").as_uri()).path
    assert (RUNBOOKS / "QuizrunWorkersDown.md").exists()

    await worker.start()
    await watched.receiver.until("QuizrunWorkersDown", "resolved", SEEN_S)
    receiver, _ = await watched.receiver.until("QuizrunWatchdog", "firing", SEEN_S)
    assert receiver == "heartbeat"
