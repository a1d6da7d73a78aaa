"""``quizrun runs repair``: carry out repairs and describe them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from deploy.operations import show
from deploy.operations.repair import event_type, published_questions
from deploy.operations.wiring import Operations
from quiz.errors import QuizrunError


@dataclass(frozen=True, slots=True)
class Wanted:
    """The requested repairs."""

    redis: bool = False
    events: bool = False
    rescore: bool = False
    workflow: bool = False
    replace: bool = False

    @property
    def any(self) -> bool:
        """Whether any repair was requested."""
        return self.redis or self.events or self.rescore or self.workflow


@dataclass(slots=True)
class Outcome:
    """What was done, or would be; `differs` if wrong points remain."""

    applied: bool
    lines: list[str] = field(default_factory=list)
    differs: bool = False
    differences: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as JSON values."""
        return asdict(self)


async def carry_out(
    ops: Operations, run_id: str, wanted: Wanted, *, apply: bool, operator: str
) -> Outcome:
    """Carry out the repairs, workflow first; without `apply`, only describe them. What was done is
    recorded in the name of `operator`. Raises `QuizrunError`.
    """
    outcome = Outcome(applied=apply)
    try:
        if wanted.workflow:
            await _workflow(ops, run_id, outcome, replace=wanted.replace)
        if wanted.rescore:
            await _rescore(ops, run_id, outcome, operator)
        if wanted.redis:
            await _redis(ops, run_id, outcome)
        if wanted.events:
            await _events(ops, run_id, outcome)
    except QuizrunError as error:
        outcome.lines.append(f"failed: {error.message}")
        raise
    finally:
        if apply:
            await ops.actions.note(
                operator, "repair", run_id, "; ".join(outcome.lines) or "nothing"
            )
    return outcome


async def _redis(ops: Operations, run_id: str, outcome: Outcome) -> None:
    if not outcome.applied:
        outcome.lines.append("Would write the snapshot and the leaderboard to Redis.")
    elif await ops.repair.redis(run_id):
        outcome.lines.append("Wrote the snapshot and the leaderboard to Redis.")
    else:
        outcome.lines.append("Redis is unavailable; until it is back, PostgreSQL is used.")


async def _events(ops: Operations, run_id: str, outcome: Outcome) -> None:
    if outcome.applied:
        outcome.lines += [f"Published {what}." for what in await ops.repair.events(run_id)]
        return
    run = await ops.repair.runs.get(run_id)
    kind = event_type(run.snapshot.state)
    questions = len(published_questions(run))
    outcome.lines.append(
        f"Would publish {kind or 'no event'} (version {run.version}), and the answers and scores "
        f"of {questions} scorings."
    )


async def _rescore(ops: Operations, run_id: str, outcome: Outcome, operator: str) -> None:
    found = await ops.repair.rescore(run_id, repair_as=operator if outcome.applied else None)
    outcome.lines.append(show.differences_text(found, corrected=outcome.applied))
    outcome.differs = not found.none and not outcome.applied
    outcome.differences = {
        "answers": [asdict(one) for one in found.answers],
        "totals": [asdict(one) for one in found.totals],
        "wrong_answers": found.wrong_answers,
        "wrong_totals": found.wrong_totals,
    }


async def _workflow(ops: Operations, run_id: str, outcome: Outcome, *, replace: bool) -> None:
    if outcome.applied:
        takeover = await ops.repair.workflow(run_id, ops.recovery, replace=replace)
        state = takeover.snapshot.state
    else:
        state = (await ops.recovery.prepare(run_id)).snapshot.state
    left = "" if state.remaining_ms is None else f" with {state.remaining_ms / 1000:.1f} s left"
    outcome.lines.append(
        f"{'Started' if outcome.applied else 'Would start'} a new workflow: {state.phase.value}, "
        f"question {state.question + 1} of {state.question_count}, paused{left}, version "
        f"{state.version}. `quizrun runs resume {run_id}` continues it."
    )
