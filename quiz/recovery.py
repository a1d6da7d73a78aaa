"""Recovery of a run whose workflow was lost, from its last published state.

The stores may have gone back in time: a backup was restored, or Temporal's own store was lost.
Clients, gateways and consumers of the event stream may have seen later versions than the stored
one. A recovered run therefore continues at a much higher version, so that no event of it is taken
for a duplicate.
"""

from __future__ import annotations

from typing import Any

from quiz.commands import Pause, StandingsPublished
from quiz.errors import ErrorCode, QuizrunError
from quiz.machine import apply
from quiz.run import Phase, RunPlan, RunState

VERSION_GAP = 1_000
"""Added to the stored version of a recovered run. A run has a few dozen versions."""


def recovered(state: RunState, as_of: int, plan: RunPlan, *, players: int) -> RunState:
    """Return the state, paused, from which a new workflow takes over the run.

    The clock stops at `as_of` (epoch ms), the last time known from the stores: a question has the
    time left that it had then. A step in progress is repeated; all steps are idempotent. `players`
    is the stored number of players. Raises `run_finished` for a run that is over.
    """
    if state.phase.over:
        raise QuizrunError(ErrorCode.RUN_FINISHED, "The run is over.")
    state = _without_step(state, as_of, plan)
    state = state.model_copy(
        update={
            "players": max(state.players, players),
            "expires_at": None,  # restart the host's hours to act
            "expiring": False,
            "version": state.version + VERSION_GAP,
        }
    )
    if state.paused:
        return state
    state, _ = apply(state, Pause(), as_of, plan)
    return state


def _without_step(state: RunState, as_of: int, plan: RunPlan) -> RunState:
    """The state without its pending step: the workflow that would have carried it out is gone."""
    if state.due is None:
        return state
    if state.phase is Phase.REVEAL and state.due in ("score", "reveal"):
        # The content of the reveal was stored together with this state.
        scoring = state.model_copy(update={"due": "score"})
        return apply(scoring, StandingsPublished(question=state.question), as_of, plan)[0]
    # A question that was closing closes again; one that was about to open (first release) opens.
    change: dict[str, Any] = {"due": None}
    if state.paused:
        change["remaining_ms"] = 0
    else:
        change["deadline_at"] = as_of
    return state.model_copy(update=change)
