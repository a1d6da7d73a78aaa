"""Run events: each version of a run is published as one."""

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
    """A change of a run that must be published, with the state that it led to.

    The event of `state.version` is built from `state` alone, so every attempt to publish it has
    the same content, whatever is decided in the meantime. `decided_at` is epoch ms; `player_id` is
    set if the change concerns one player.
    """

    type: EventType
    state: RunState
    decided_at: int
    player_id: str | None = None

    @property
    def version(self) -> int:
        """The version that this change created."""
        return self.state.version
