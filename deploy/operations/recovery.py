"""Starting the workflow of a live run anew, from what PostgreSQL has (ADR 23)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from db.live_runs import LiveRuns, RunLine
from db.runs import Runs
from quiz.content import Quiz
from quiz.errors import ErrorCode, QuizrunError
from quiz.pace import plan_of
from quiz.recovery import recovered
from quiz.run import IdleTimeouts, Phase, RunPlan
from quiz.snapshot import RunSnapshot
from telemetry.clock import now_ms
from workflows import contract
from workflows.contract import RunInput

TIMEOUT_S = 15.0
SUMMARY_BYTES = 300
"""The server refuses summaries above 400."""


@dataclass(frozen=True, slots=True)
class Takeover:
    """A live run with the state in which a new workflow takes it over, paused."""

    run_id: str
    title: str
    pin: str
    quiz_id: str
    host_id: str
    plan: RunPlan
    snapshot: RunSnapshot


@dataclass(frozen=True, slots=True)
class StoredRun:
    """What PostgreSQL has of a live run."""

    run_id: str
    title: str
    pin: str
    quiz_id: str
    host_id: str
    players: int
    snapshot: RunSnapshot
    quiz: Quiz


def take_over(run: StoredRun, as_of: int, idle: IdleTimeouts) -> Takeover:
    """Decide how the run goes on from what is stored, `as_of` (epoch ms) being the moment that it
    is of. Raises `run_finished`.
    """
    plan = plan_of(run.quiz.questions, idle)
    state = recovered(run.snapshot.state, as_of, plan, players=run.players)
    return Takeover(
        run_id=run.run_id,
        title=run.title,
        pin=run.pin,
        quiz_id=run.quiz_id,
        host_id=run.host_id,
        plan=plan,
        snapshot=run.snapshot.model_copy(update={"state": state}),
    )


class Recovery:
    """Takes live runs over. A new workflow begins paused and touches nothing until it is resumed,
    so that it may be started before its snapshot is stored.
    """

    def __init__(
        self, temporal: Client, runs: Runs, live_runs: LiveRuns, idle: IdleTimeouts
    ) -> None:
        self._temporal = temporal
        self._runs = runs
        self._live_runs = live_runs
        self._idle = idle

    async def prepare(self, run_id: str, as_of: int | None = None) -> Takeover:
        """Decide how the run goes on. `as_of` is the moment that the stores are of (epoch ms);
        without it, the last one of which they know.

        Raises `not_found`, `run_finished` or `unavailable`.
        """
        run = await self._runs.get(run_id)
        stored = StoredRun(
            run_id=run.id,
            title=run.title,
            pin=run.pin,
            quiz_id=run.quiz_id,
            host_id=run.host_id,
            players=run.players,
            snapshot=run.snapshot,
            quiz=await self._runs.content(run.quiz_id, run.quiz_version),
        )
        if as_of is None:
            line = await self._live_runs.get(run_id)
            as_of = now_ms() if line is None else last_known(line, now_ms())
        return take_over(stored, as_of, self._idle)

    async def start(self, takeover: Takeover, *, replace: bool = False) -> None:
        """Start the workflow. `replace` terminates one that is running; otherwise a running one is
        a conflict. Raises `command_not_allowed` (a conflict) or `unavailable`.
        """
        given = RunInput(
            state=takeover.snapshot.state,
            title=takeover.title,
            pin=takeover.pin,
            quiz_id=takeover.quiz_id,
            host_id=takeover.host_id,
            plan=takeover.plan,
        )
        summary = " ".join(takeover.title.split()).encode()[:SUMMARY_BYTES]
        conflict = WorkflowIDConflictPolicy
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await self._temporal.start_workflow(
                    contract.WORKFLOW_TYPE,
                    given,
                    id=contract.workflow_id(takeover.run_id),
                    task_queue=contract.RUN_QUEUE,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    id_conflict_policy=conflict.TERMINATE_EXISTING if replace else conflict.FAIL,
                    static_summary=summary.decode(errors="ignore"),
                    static_details="Taken over from the stored state by an operator.",
                    rpc_timeout=timedelta(seconds=TIMEOUT_S),
                )
        except WorkflowAlreadyStartedError as error:
            raise QuizrunError(
                ErrorCode.COMMAND_NOT_ALLOWED,
                f"Run {takeover.run_id} has a workflow that is running; --replace terminates it.",
            ) from error
        except (RPCError, TimeoutError, RuntimeError) as error:
            raise QuizrunError(
                ErrorCode.UNAVAILABLE, f"Temporal did not start the workflow: {error}."
            ) from error


def last_known(line: RunLine, now: int) -> int:
    """The last moment of an open question of which PostgreSQL knows; otherwise `now`.

    While its workflow was away a question may have run out that nobody could answer any more.
    """
    state = line.state
    if state.phase is not Phase.QUESTION or state.due is not None or state.opens_at is None:
        return now
    return min(now, max(state.opens_at, line.last_answer_at or 0))
