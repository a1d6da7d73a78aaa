"""Whether a run has moved on when it should have."""

from __future__ import annotations

from quiz.pace import MOST_REVEAL_MS
from quiz.run import Phase, RunState

STALLED_AFTER_MS = 10_000
"""How late a run may be. Steps of large rooms take seconds, and so does taking over a dead
worker's work."""


def expected_at(state: RunState) -> int | None:
    """When the run should say something new (epoch ms), by what it said last; None while it waits
    for its host.

    What a reveal says does not include its own end: that is only decided when everyone was told.
    """
    if state.phase.over or state.paused or state.phase is Phase.LOBBY:
        return None
    if state.deadline_at is not None:
        return state.deadline_at
    if state.phase is Phase.QUESTION:  # it is being scored
        return state.over_at
    if state.phase is Phase.REVEAL and state.due is not None and state.settings.auto_advance:
        return None if state.over_at is None else state.over_at + _longest_reveal_ms(state)
    return None


def _longest_reveal_ms(state: RunState) -> int:
    if state.settings.reveal == "auto":  # its length follows from texts that are not known here
        return MOST_REVEAL_MS
    return state.settings.reveal_s * 1000


def overdue_ms(state: RunState, now: int) -> int:
    """How long the run should have moved on already (ms); 0 when it is in time or waiting."""
    expected = expected_at(state)
    return 0 if expected is None else max(0, now - expected)


def stalled(state: RunState, now: int) -> bool:
    """Whether the run is so late that something must be wrong."""
    return overdue_ms(state, now) > STALLED_AFTER_MS
