"""Detection of stalled runs."""

from __future__ import annotations

from quiz.pace import MAX_REVEAL_MS
from quiz.run import Phase, RunState

STALLED_AFTER_MS = 10_000
"""How late a run may be. Steps of large runs take seconds, and so does taking over from a dead
worker."""


def expected_at(state: RunState) -> int | None:
    """Return when the next version is due (epoch ms); None while the run waits for its host.

    The end of a reveal is estimated: it is decided only after the reveal has been published.
    """
    if state.phase.over or state.paused or state.phase is Phase.LOBBY:
        return None
    if state.deadline_at is not None:
        return state.deadline_at
    if state.phase is Phase.QUESTION:  # being scored
        return state.over_at
    if state.phase is Phase.REVEAL and state.due is not None and state.settings.auto_advance:
        return None if state.over_at is None else state.over_at + _longest_reveal_ms(state)
    return None


def _longest_reveal_ms(state: RunState) -> int:
    if state.settings.reveal == "auto":  # depends on texts that are unknown here
        return MAX_REVEAL_MS
    return state.settings.reveal_s * 1000


def overdue_ms(state: RunState, now: int) -> int:
    """Return how late the run is (ms); 0 if it is on time or waiting for its host."""
    expected = expected_at(state)
    return 0 if expected is None else max(0, now - expected)


def stalled(state: RunState, now: int) -> bool:
    """Return whether the run is later than `STALLED_AFTER_MS`."""
    return overdue_ms(state, now) > STALLED_AFTER_MS
