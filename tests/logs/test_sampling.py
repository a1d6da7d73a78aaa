"""Sampling limits noisy lines per interval and counts suppressed ones."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from telemetry.sampling import SUPPRESSED, Sampler
from tests.logs.pipeline import lines_of


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Kept(logging.Handler):
    """Collects the sampler's own lines."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[dict[str, object]] = []

    def emit(self, record: logging.LogRecord) -> None:
        assert isinstance(record.msg, dict)
        self.said.append(record.msg)


@pytest.fixture
def kept() -> Iterator[Kept]:
    kept, logger = Kept(), logging.getLogger(Sampler.LOGGER)
    logger.addHandler(kept)
    logger.setLevel(logging.INFO)
    yield kept
    logger.removeHandler(kept)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sampler(clock: Clock) -> Sampler:
    return Sampler(max_lines=3, interval_s=10.0, max_kinds=50, clock=clock)


def record(event: str, level: int = logging.WARNING, **fields: object) -> logging.LogRecord:
    said = {"event": event, **fields}
    return logging.LogRecord("gateway.x", level, "x.py", 1, said, None, None)


def passed(sampler: Sampler, line: logging.LogRecord, times: int) -> int:
    return sum(bool(sampler.filter(line)) for _ in range(times))


def test_lines_of_an_event_are_limited_per_interval(sampler: Sampler, clock: Clock) -> None:
    assert passed(sampler, record("kafka.not_reached"), 100) == 3
    assert passed(sampler, record("redis.not_reached"), 2) == 2
    clock.now += 10.0
    assert passed(sampler, record("kafka.not_reached"), 100) == 3


def test_suppressed_lines_are_counted_at_the_end_of_the_interval(
    sampler: Sampler, clock: Clock, kept: Kept
) -> None:
    passed(sampler, record("kafka.not_reached"), 100)
    clock.now += 10.0
    assert sampler.filter(record("something.else"))
    (line,) = kept.said
    assert (line["event"], line["suppressed"]) == (SUPPRESSED, 97)
    assert (line["suppressed_event"], line["suppressed_logger"]) == (
        "kafka.not_reached",
        "gateway.x",
    )


def test_runs_are_sampled_independently(sampler: Sampler) -> None:
    for run in range(20):
        line = record("question.opened", logging.INFO, run_id=f"run-{run}")
        assert passed(sampler, line, 2) == 2


def test_an_outage_is_sampled_once_for_all_runs(sampler: Sampler) -> None:
    lines = [record("room.job_postponed", run_id=f"run-{run}") for run in range(20)]
    assert sum(bool(sampler.filter(line)) for line in lines) == 3


def test_library_messages_are_grouped_without_their_arguments(sampler: Sampler) -> None:
    lines = [
        logging.LogRecord("lib", logging.ERROR, "x.py", 1, "node %s is away", (node,), None)
        for node in range(20)
    ]
    assert sum(bool(sampler.filter(line)) for line in lines) == 3


def test_memory_is_limited_and_every_suppressed_line_is_counted(
    sampler: Sampler, kept: Kept
) -> None:
    passed(sampler, record("first.of_many"), 5)
    for number in range(1_000):
        sampler.filter(record("x.y", logging.INFO, run_id=f"run-{number}"))
    assert sampler.kinds <= 50
    assert [line["suppressed"] for line in kept.said] == [2]


def test_a_process_samples_its_lines() -> None:
    lines = lines_of(
        """
        for number in range(500):
            log.warning("noise.made", version=number)
        """
    )
    assert [line["quizrun.version"] for line in lines] == list(range(20))
