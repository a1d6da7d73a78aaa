"""A gateway and a worker with injected faults, and real receivers of their reports."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator

import httpx
import pytest

from deploy.local.application import Commands
from tests.system.hosting import TIMEOUT_S, Host
from tests.system.system import System, running_system
from tests.telemetry.collector import Collector, running_collector
from tests.telemetry.receiver import Receiver, running_receiver

RELEASE = "quizrun@9.9.9+abc1234"
FAULTY = (sys.executable, "-m", "tests.telemetry.faulty")


@pytest.fixture(scope="package")
async def receiver() -> AsyncIterator[Receiver]:
    async with running_receiver() as running:
        yield running


@pytest.fixture(scope="package")
async def collector() -> AsyncIterator[Collector]:
    async with running_collector() as running:
        yield running


@pytest.fixture(scope="package")
async def system(receiver: Receiver, collector: Collector) -> AsyncIterator[System]:
    env = {
        "QUIZRUN_SENTRY_DSN": receiver.dsn,
        "QUIZRUN_WEB_SENTRY_DSN": receiver.dsn,
        "QUIZRUN_OTLP_ENDPOINT": collector.url,
        "QUIZRUN_WEB_TRACES_URL": collector.url,
        "QUIZRUN_TRACE_SAMPLE_RATE": "1",
        "QUIZRUN_WEB_TRACE_SHARE": "1",
        "QUIZRUN_ENVIRONMENT": "testing",
        "QUIZRUN_RELEASE": RELEASE,
    }
    commands = Commands(worker=(*FAULTY, "worker"), gateway=(*FAULTY, "gateway"))
    async with running_system(1, 1, settings=env, commands=commands) as running:
        yield running


@pytest.fixture(scope="package")
async def http(system: System) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{system.urls[0]}/api/v1", timeout=TIMEOUT_S) as client:
        yield client


@pytest.fixture(scope="package")
async def host(http: httpx.AsyncClient) -> Host:
    return await Host.register(http)
