"""What the rest of the world is told about a run: one event for each version."""

from __future__ import annotations

from typing import Literal

from quiz.record import Record
from quiz.run import RunState

EventType = Literal[
    "run.starting",
    "run.configured",
    "question.opened",
    "question.closing",
    "question.closed",
    "standings.shown",
    "standings.hidden",
    "break.started",
    "run.paused",
    "run.resumed",
    "run.locked",
    "run.unlocked",
    "run.expiring",
    "player.kicked",
    "run.finished",
    "run.cancelled",
]


class Decision(Record):
    """A change that others must be told, with the state as it was decided.

    `state.version` is the version that the change made. What is published under it is made from
    `state` alone, however often it is tried and whatever is decided meanwhile. `decided_at` is
    epoch ms; `player_id` is set where the change is about one player.
    """

    type: EventType
    state: RunState
    decided_at: int
    player_id: str | None = None

    @property
    def version(self) -> int:
        """The version that the change made."""
        return self.state.version
