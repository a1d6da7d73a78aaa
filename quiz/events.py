"""What the rest of the world is told about a run, one event for each version."""

from __future__ import annotations

from typing import Literal

from quiz.content import Strict
from quiz.run import Phase, RunState, Step

EventType = Literal[
    "run.starting",
    "question.opened",
    "question.closing",
    "question.closed",
    "run.paused",
    "run.resumed",
    "run.locked",
    "run.unlocked",
    "player.kicked",
    "run.finished",
    "run.cancelled",
]


class Event(Strict):
    """Something others must be told, under the version that the change made."""

    type: EventType
    version: int
    player_id: str | None = None


def step_event(state: RunState) -> Event:
    """What the step that `state` owes publishes itself, under the version of `state`."""
    assert state.due is not None
    kinds: dict[Step, EventType] = {
        "open": "question.opened",
        "score": "question.closing",
        "reveal": "question.closed",
        "close": "run.finished" if state.final_phase is Phase.FINISHED else "run.cancelled",
    }
    return Event(type=kinds[state.due], version=state.version)
