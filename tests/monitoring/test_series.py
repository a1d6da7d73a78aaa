"""Scraped metrics are documented, of limited cardinality, and cheap."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
from prometheus_client.parser import text_string_to_metric_families

from quiz.errors import ErrorCode
from tests.monitoring.conftest import PLAYERS, QUESTIONS, Played, scrape
from tests.system.system import ROOT

DOCUMENTED = re.compile(r"`((?:quizrun|temporal)_[a-z_]+)`")
METRICS = (ROOT / "docs" / "metrics.md").read_text()
MAX_SERIES = 1_500
"""Series per process; a scrape of that many takes some 10 ms."""
MAX_VALUES = 30
"""Values per label of a metric."""
SCRAPES = 20
MAX_CPU_S = 0.05
ONLY_IN_TROUBLE = {
    # Exposed after their first event.
    "quizrun_resyncs",
    "quizrun_signal_failures",
    "quizrun_activity_failures",
    "temporal_request_failure",
    "temporal_activity_execution_failed",
    "temporal_workflow_task_execution_failed",
    "temporal_workflow_failed",
    "temporal_workflow_canceled",
    "temporal_sticky_cache_miss",
}
PROCESSES = ("gateway-1", "worker-1")
pytestmark = pytest.mark.timeout(300)  # the first test waits for a stack and a run


def samples(text: str) -> dict[str, list[tuple[str, dict[str, str]]]]:
    """Name and labels of each series, by metric."""
    return {
        family.name: [(sample.name, sample.labels) for sample in family.samples]
        for family in text_string_to_metric_families(text)
    }


@pytest.mark.parametrize("name", PROCESSES)
async def test_labels_have_low_cardinality_and_no_ids(played: Played, name: str) -> None:
    text = played.texts[name]
    for secret in played.secrets:
        assert secret not in text
    series = samples(text)
    assert sum(len(found) for found in series.values()) < MAX_SERIES
    for metric, found in series.items():
        values: dict[str, set[str]] = defaultdict(set)
        for _, labels in found:
            for label, value in labels.items():
                values[label].add(value)
        for label, different in values.items():
            assert len(different) <= MAX_VALUES, f"{metric} has {len(different)} of {label}"


async def test_outcomes_are_error_codes(played: Played) -> None:
    series = samples(played.texts["gateway-1"])
    known = {"ok", "fault"} | {code.value for code in ErrorCode}
    for metric in ("quizrun_socket_requests", "quizrun_socket_connects"):
        assert {labels["outcome"] for _, labels in series[metric]} <= known


async def test_metrics_reflect_the_played_run(played: Played) -> None:
    def value(process: str, series: str) -> float:
        found = re.search(rf"^{re.escape(series)} (\S+)$", played.texts[process], re.MULTILINE)
        assert found is not None, series
        return float(found[1])

    gateway, worker = PROCESSES
    requests = "quizrun_socket_requests_total"
    assert value(gateway, f'{requests}{{event="join",outcome="ok"}}') == PLAYERS
    assert value(gateway, f'{requests}{{event="answer",outcome="ok"}}') == PLAYERS * QUESTIONS
    assert value(gateway, 'quizrun_batch_items_sum{queue="answers"}') == PLAYERS * QUESTIONS
    assert value(gateway, "quizrun_question_skew_seconds_count") == QUESTIONS
    assert value(gateway, "quizrun_reveal_delay_seconds_count") == QUESTIONS
    assert value(gateway, 'quizrun_kafka_messages_read_total{outcome="malformed"}') == 0
    assert value(gateway, "quizrun_kafka_event_delay_seconds_count") > 2 * QUESTIONS
    assert value(worker, "quizrun_answers_scored_total") == PLAYERS * QUESTIONS
    assert value(worker, "quizrun_question_lead_seconds_count") >= QUESTIONS
    assert value(worker, "quizrun_timer_lateness_seconds_count") == QUESTIONS
    ok = '{activity="close_question",outcome="ok"}'
    assert value(worker, f"quizrun_activities_total{ok}") == QUESTIONS


async def test_documented_metrics_match_the_exposed_ones(
    played: Played,
) -> None:
    shown = {metric for text in played.texts.values() for metric in samples(text)}
    documented = {metric.removesuffix("_total") for metric in DOCUMENTED.findall(METRICS)}
    assert {metric for metric in shown if metric.startswith("quizrun_")} <= documented
    missing = documented - shown
    assert missing <= ONLY_IN_TROUBLE, missing


@pytest.mark.parametrize("name", PROCESSES)
async def test_a_scrape_takes_less_than_50_ms_of_cpu(played: Played, name: str) -> None:
    """In CPU seconds, which do not depend on the machine's load: the loop is blocked that long."""
    (child,) = [child for child in played.system.processes if child.spec.name == name]
    began = _cpu_s(await scrape(child))
    for _ in range(SCRAPES - 1):
        await scrape(child)
    used_s = _cpu_s(await scrape(child)) - began
    assert used_s / SCRAPES < MAX_CPU_S


def _cpu_s(metrics: str) -> float:
    found = re.search(r"^process_cpu_seconds_total (\S+)$", metrics, re.MULTILINE)
    assert found is not None
    return float(found[1])
