"""The expiry of abandoned runs: lobbies, pauses, and reveals that wait for the host."""

from __future__ import annotations

from typing import Any

from quiz.events import Decision
from quiz.run import Phase, RunPlan, RunState


def renewed(
    before: RunState, after: RunState, decisions: tuple[Decision, ...], now: int, plan: RunPlan
) -> tuple[RunState, tuple[Decision, ...]]:
    """Return the result of a command with the run's expiry time updated.

    Every decision postpones the expiry, except the expiry warning itself.
    """
    timeout = _timeout_ms(after, plan)
    warned = bool(decisions) and decisions[-1].type == "run.expiring"
    change: dict[str, Any] = {}
    if timeout is None:
        change = {"expires_at": None, "expiring": False}
    elif warned:
        change = {"expiring": True}
    elif decisions or before.expires_at is None or _timeout_ms(before, plan) != timeout:
        change = {"expires_at": now + timeout, "expiring": False}
    if all(getattr(after, name) == value for name, value in change.items()):
        return after, decisions
    after = after.model_copy(update=change)
    if decisions:  # the last one carries the current state
        last = decisions[-1].model_copy(update={"state": after})
        decisions = (*decisions[:-1], last)
    return after, decisions


def next_at(state: RunState, plan: RunPlan) -> int | None:
    """Return when to warn the host or, once warned, when to end the run (epoch ms)."""
    timeout = _timeout_ms(state, plan)
    if timeout is None or state.expires_at is None:
        return None
    if state.expiring:
        return state.expires_at
    return state.expires_at - min(plan.idle.expiry_warning_ms, timeout // 2)


def _timeout_ms(state: RunState, plan: RunPlan) -> int | None:
    """How long the run may stay in its current state; None if it advances without the host."""
    if state.phase.over or state.due is not None:
        return None
    if state.paused:
        return plan.idle.pause_timeout_ms
    if state.phase is Phase.LOBBY:
        return plan.idle.lobby_timeout_ms
    if state.phase is Phase.REVEAL and state.deadline_at is None:
        return plan.idle.reveal_timeout_ms
    return None
