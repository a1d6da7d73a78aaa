"""Taking over a run whose workflow is lost, from the last state that was published.

The stores may have gone back in time: a backup was restored, or the workflow's own store was lost.
What the lost workflow decided after the stored version may have been seen by clients, gateways and
consumers of the event stream. So a recovered run goes on under versions far above: nothing it says
is taken for a repeat of what was said before.
"""

from __future__ import annotations

from typing import Any

from quiz.commands import Pause, StandingsPublished
from quiz.errors import ErrorCode, QuizrunError
from quiz.machine import apply
from quiz.run import Phase, RunPlan, RunState

VERSION_GAP = 1_000
"""How far the versions of a recovered run stand above those stored. A run has a few dozen."""


def recovered(state: RunState, as_of: int, plan: RunPlan, *, players: int) -> RunState:
    """Return the state from which a new workflow takes the run over, paused.

    The clock stands still as of `as_of` (epoch ms), the last moment that the stores know of: the
    time that a question had left then, it has left when the host resumes. A step that was under
    way is done again; all of them are safe to repeat. `players` is the stored number of players.
    Raises `run_finished` for a run that is over.
    """
    if state.phase.over:
        raise QuizrunError(ErrorCode.RUN_FINISHED, "The run is over.")
    state = _without_step(state, as_of, plan)
    state = state.model_copy(
        update={
            "players": max(state.players, players),
            "expires_at": None,  # the host has hours from now on
            "expiring": False,
            "version": state.version + VERSION_GAP,
        }
    )
    if state.paused:
        return state
    state, _ = apply(state, Pause(), as_of, plan)
    return state


def _without_step(state: RunState, as_of: int, plan: RunPlan) -> RunState:
    """The same run with no step owed: nobody is there any more who would carry it out."""
    if state.due is None:
        return state
    if state.phase is Phase.REVEAL and state.due in ("score", "reveal"):
        # What a reveal shows was stored together with this state.
        owing = state.model_copy(update={"due": "score"})
        return apply(owing, StandingsPublished(question=state.question), as_of, plan)[0]
    # A question that was closing closes once more; one that was to open (first release) opens.
    change: dict[str, Any] = {"due": None}
    if state.paused:
        change["remaining_ms"] = 0
    else:
        change["deadline_at"] = as_of
    return state.model_copy(update=change)
