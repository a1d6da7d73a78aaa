"""What is scraped: documented, bounded, cheap."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.child import Child
from quiz.errors import ErrorCode
from tests.monitoring.conftest import Played
from tests.system.system import ROOT

DOCUMENTED = re.compile(r"`((?:quizrun|temporal)_[a-z_]+)`")
METRICS = (ROOT / "docs" / "metrics.md").read_text()
MAX_SERIES = 1_500
"""Of one process, at any time: a scrape of so many takes some 10 ms."""
MAX_VALUES = 30
"""Of one label of one metric."""
SCRAPES = 20
MAX_CPU_S = 0.05
ONLY_IN_TROUBLE = {
    # Shown from their first event on.
    "quizrun_resyncs",
    "quizrun_signal_failures",
    "quizrun_activity_failures",
}


async def samples(played: Played, child: Child) -> dict[str, list[tuple[str, dict[str, str]]]]:
    """Name and labels of each series, by metric."""
    found: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for family in text_string_to_metric_families(await played.metrics(child)):
        found[family.name] = [(sample.name, sample.labels) for sample in family.samples]
    return found


@pytest.mark.parametrize("kind", ["gateway", "worker"])
async def test_labels_name_no_run_and_no_player_and_are_few(played: Played, kind: str) -> None:
    children = played.system.gateways if kind == "gateway" else played.system.workers
    series = await samples(played, children[0])
    text = await played.metrics(children[0])
    for secret in played.secrets:
        assert secret not in text
    assert sum(len(found) for found in series.values()) < MAX_SERIES
    for name, found in series.items():
        values: dict[str, set[str]] = defaultdict(set)
        for _, labels in found:
            for label, value in labels.items():
                values[label].add(value)
        for label, different in values.items():
            assert len(different) <= MAX_VALUES, f"{name} has {len(different)} of {label}"


async def test_outcomes_are_error_codes(played: Played) -> None:
    series = await samples(played, played.system.gateways[0])
    known = {"ok", "fault", "failed"} | {code.value for code in ErrorCode}
    for name in ("quizrun_socket_requests", "quizrun_socket_connects"):
        assert {labels["outcome"] for _, labels in series[name]} <= known


async def test_every_metric_is_documented_and_every_documented_one_is_there(
    played: Played,
) -> None:
    shown: set[str] = set()
    for child in played.system.processes:
        shown |= set(await samples(played, child))
    documented = {name.removesuffix("_total") for name in DOCUMENTED.findall(METRICS)}
    ours = {name for name in shown if name.startswith("quizrun_")}
    assert ours <= documented, ours - documented
    missing = {name for name in documented if name.startswith("quizrun_")} - shown
    assert missing <= ONLY_IN_TROUBLE
    # The SDK's are shown when there is something to show; most of those that we name are.
    sdk = {name for name in documented if name.startswith("temporal_")}
    assert "temporal_workflow_task_schedule_to_start_latency_seconds" in sdk & shown
    failing = {name for name in sdk if "fail" in name or "cancel" in name or "miss" in name}
    assert sdk - failing <= shown, sdk - failing - shown


@pytest.mark.parametrize("kind", ["gateway", "worker"])
async def test_a_scrape_costs_the_process_less_than_50_ms(played: Played, kind: str) -> None:
    """In seconds of CPU, which a busy machine does not change: it is what the loop is blocked."""
    child = (played.system.gateways if kind == "gateway" else played.system.workers)[0]
    began = _cpu_s(await played.metrics(child))
    for _ in range(SCRAPES - 1):
        await played.metrics(child)
    used_s = _cpu_s(await played.metrics(child)) - began
    assert used_s / SCRAPES < MAX_CPU_S


def _cpu_s(metrics: str) -> float:
    found = re.search(r"^process_cpu_seconds_total (\S+)$", metrics, re.MULTILINE)
    assert found is not None
    return float(found[1])
