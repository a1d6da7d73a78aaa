"""Restart the workflow of a live run from PostgreSQL (ADR 23)."""

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
"""The server rejects summaries over 400 bytes."""


@dataclass(frozen=True, slots=True)
class Takeover:
    """A live run and the paused state from which a new workflow continues it."""

    run_id: str
    title: str
    pin: str
    quiz_id: str
    host_id: str
    plan: RunPlan
    snapshot: RunSnapshot


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A live run as stored in PostgreSQL."""

    run_id: str
    title: str
    pin: str
    quiz_id: str
    host_id: str
    players: int
    snapshot: RunSnapshot
    quiz: Quiz


def take_over(run: StoredRun, as_of: int, idle: IdleTimeouts) -> Takeover:
    """Compute the state to continue from, given stores as of `as_of` (epoch ms).

    Raises `run_finished`.
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
    """Starts new workflows for live runs. They are paused and have no effects until resumed, so
    they can be started before their snapshot is stored.
    """

    def __init__(
        self, temporal: Client, runs: Runs, live_runs: LiveRuns, idle: IdleTimeouts
    ) -> None:
        self._temporal = temporal
        self._runs = runs
        self._live_runs = live_runs
        self._idle = idle

    async def prepare(self, run_id: str, as_of: int | None = None) -> Takeover:
        """Compute the state to continue from. `as_of` is the time of the stores (epoch ms); by
        default the last one they know of.

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
        """Start the workflow. `replace` terminates a running one, which is otherwise a conflict.

        Raises `command_not_allowed` (a conflict) or `unavailable`.
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
                f"Run {takeover.run_id} has a running workflow; use --replace to terminate it.",
            ) from error
        except (RPCError, TimeoutError, RuntimeError) as error:
            raise QuizrunError(
                ErrorCode.UNAVAILABLE, f"Temporal did not start the workflow: {error}."
            ) from error


def last_known(line: RunLine, now: int) -> int:
    """Return the last time within an open question that PostgreSQL knows of; otherwise `now`.

    While the workflow was gone, a question may have run out that nobody could answer anymore.
    """
    state = line.state
    if state.phase is not Phase.QUESTION or state.due is not None or state.opens_at is None:
        return now
    return min(now, max(state.opens_at, line.last_answer_at or 0))
