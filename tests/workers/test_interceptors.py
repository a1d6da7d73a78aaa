from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from quiz.errors import ErrorCode, QuizrunError
from workers import interceptors
from workers.interceptors import Heartbeats, bounded


def test_error_texts_are_cut_before_they_reach_the_history() -> None:
    cut = bounded(RuntimeError("x" * 100_000), "RuntimeError")
    assert len(cut.message) == 500
    assert cut.type == "RuntimeError"


def test_a_refusal_keeps_its_code() -> None:
    error = QuizrunError(ErrorCode.UNAVAILABLE, "The database is away.")
    kept = bounded(error, error.code.value)
    assert (kept.type, kept.message) == ("unavailable", "The database is away.")


def test_an_application_error_passes_as_it_is() -> None:
    error = ApplicationError("short", type="mine", non_retryable=True)
    assert bounded(error, "ignored") is error


class _Waits(ActivityInboundInterceptor):
    def __init__(self, until: asyncio.Event) -> None:
        self._until = until

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        await self._until.wait()


async def _beats(until: asyncio.Event) -> int:
    """Run an activity until `until`, which the second heartbeat sets; return its heartbeats."""
    beats = 0

    def on_heartbeat(*_details: Any) -> None:
        nonlocal beats
        beats += 1
        if beats == 2:
            until.set()

    environment = ActivityEnvironment()
    environment.on_heartbeat = on_heartbeat
    inbound = Heartbeats().intercept_activity(_Waits(until))
    given: Any = None
    async with asyncio.timeout(5):
        await environment.run(inbound.execute_activity, given)
    return beats


async def test_an_activity_that_lasts_sends_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interceptors, "HEARTBEAT_S", 0.01)
    assert await _beats(asyncio.Event()) == 2


async def test_a_short_activity_costs_no_heartbeat() -> None:
    over = asyncio.Event()
    over.set()
    assert await _beats(over) == 0
