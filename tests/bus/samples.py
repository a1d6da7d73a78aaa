from __future__ import annotations

import uuid
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
