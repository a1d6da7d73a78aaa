from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from typing import Any

from bus.messages import RunEvent
from quiz.events import EventType
from quiz.run import RunSettings, RunState
from quiz.snapshot import RunSnapshot


def new_run_id() -> str:
    return str(uuid.uuid4())


def run_event(run_id: str, version: int, kind: EventType = "run.locked", **state: Any) -> RunEvent:
    return RunEvent(
        type=kind,
        version=version,
        snapshot=RunSnapshot(
            state=RunState(
                run_id=run_id, question_count=3, settings=RunSettings(), version=version, **state
            ),
            title="Capitals",
            pin="123456",
            host_id="7f6f6a4e-0000-4000-8000-000000000000",
        ),
    )


async def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    """Poll until `condition` holds; fail after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(0.002)
