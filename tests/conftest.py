"""The real servers, started once for the whole test session."""

from __future__ import annotations

import functools
import gc
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
import structlog
from xdist.scheduler import LoadScopeScheduling

from bus.topics import TopicLayout, ensure_topics
from deploy.engines.jars import missing_programs
from deploy.engines.kafka import KafkaCluster, kafka_cluster
from deploy.local.stack import Servers, embedded_servers
from telemetry.memory import tune_gc

TESTS = Path(__file__).parent
SLOWEST_FIRST = (
    "system",
    "browsers",
    "engines",
    "chaos",
    "logs",
    "operations",
    "monitoring",
    "telemetry",
    "kafka",
    "deploy",
    "workflows",
)
"""Packages whose tests take longest: one that is started last would leave processes idle."""
LAST = ("packaging",)
"""Packages whose tests need programs that `make test` builds in the meantime."""
TOGETHER = ("attacks", "system", "telemetry", "monitoring", "operations", "bus", "engines")
"""Packages that run in one process each, since their modules share a system that takes seconds of
CPU time to start. All other tests are shared out among processes module by module.
"""
STACKS = (
    *("attacks", "browsers", "chaos", "deploy", "engines", "kafka", "logs", "monitoring", "nginx"),
    *("operations", "system", "telemetry"),
)
"""Packages that start gateways, workers, brokers or browsers. With six processes on two cores,
their time limits measured the machine. Their tests get the marker `stack`.
"""
ALONE = ("attacks",)
"""Packages whose tests all measure time and get the marker `alone`."""
APART = ("engines/test_chaos", "operations/test_backup", "system/test_rolling_deployment")
"""Modules of these packages that start a system of their own."""
SPREAD = ("quiz", "workflows")
"""Packages whose tests share nothing that a module would keep: they are shared out one by one."""
REDIS = ("db/test_leaderboard", "db/test_presence", "db/test_rate_limit", "db/test_run_state")
"""Modules that share a Redis Cluster."""


# Imports and collection make millions of objects that stay. Collecting among them took a sixth of
# the CPU time.
gc.disable()


def pytest_collection_finish() -> None:
    tune_gc()
    gc.enable()


# A deadline for each example is wall time, which says nothing on a busy machine.
hypothesis.settings.register_profile("quizrun", deadline=None)
# For mutation tests: each failure kills a mutant, so shrinking it would only cost time.
hypothesis.settings.register_profile(
    "mutants",
    deadline=None,
    database=None,
    max_examples=25,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
)
hypothesis.settings.load_profile("quizrun")

# Each client of httpx reads all certificates of the world, which takes 25 ms; tests make thousands.
httpx._transports.default.create_ssl_context = functools.cache(  # type: ignore[attr-defined]
    httpx.create_ssl_context
)

# By default structlog renders tracebacks with the locals of every frame, which takes seconds.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.StackInfoRenderer(),
        structlog.dev.set_exc_info,
        structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out packages of which `-m` selects nothing: each process would import them."""
    selection: str = config.option.markexpr
    if collection_path.parent != TESTS or not collection_path.is_dir() or " or " in selection:
        return None
    is_stack = collection_path.name in STACKS
    excluded = selection.startswith("not stack and " if is_stack else "stack and ")
    return True if excluded else None


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {package: place for place, package in enumerate(SLOWEST_FIRST)}
    order |= {package: len(order) + 1 + place for place, package in enumerate(LAST)}
    items.sort(key=lambda item: order.get(item.path.parent.name, len(SLOWEST_FIRST)))
    for item in items:
        package = item.path.relative_to(TESTS).parts[0]
        if package in STACKS:
            item.add_marker(pytest.mark.stack)
        if package in ALONE:
            item.add_marker(pytest.mark.alone)


def process_of(nodeid: str) -> str:
    """What tests that run in the same process have in common."""
    module = nodeid.partition(".py")[0].removeprefix("tests/")
    if module in REDIS:
        return "redis"
    package = module.partition("/")[0]
    if package in SPREAD:
        return nodeid
    return package if package in TOGETHER and module not in APART else module


class _Sharing(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    def _split_scope(self, nodeid: str) -> str:
        return process_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    return _Sharing(config, log) if config.getvalue("dist") == "loadscope" else None


@pytest.fixture(scope="session")
async def servers() -> AsyncIterator[Servers]:
    """PostgreSQL, Valkey, Kafka protocol and Temporal with temporary state."""
    async with embedded_servers() as running:
        await ensure_topics(running.kafka_bootstrap, TopicLayout(replication_factor=1))
        yield running


@pytest.fixture(scope="session")
def _java() -> None:
    missing = missing_programs()
    if missing and not os.environ.get("CI"):
        pytest.skip(f"Apache Kafka needs {' and '.join(missing)}")


@pytest.fixture(scope="session")
async def apache_kafka(_java: None) -> AsyncIterator[KafkaCluster]:
    """Apache Kafka with one broker, which no test may end."""
    async with kafka_cluster() as cluster:
        yield cluster
