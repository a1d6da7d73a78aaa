"""The gateway's side of the run workflows: start one, carry out commands, report progress."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import structlog
from pydantic import BaseModel
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest
from temporalio.client import (
    Client,
    RPCTimeoutOrCancelledError,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from quiz.errors import ErrorCode, QuizrunError
from quiz.run import RunState
from telemetry.clock import now_ms
from workflows import contract

START_TIMEOUT_S = 8.0
COMMAND_TIMEOUT_S = 10.0
SIGNAL_TIMEOUT_S = 5.0
WITHDRAW_TIMEOUT_S = 2.0
HEALTH_TIMEOUT_S = 2.0
REPEAT_MS = 2_000
"""How often a workflow hears again that all have answered."""

UPDATE_OUTLIVED_BY_WORKFLOW = "AcceptedUpdateCompletedWorkflow"
"""The server's error type when a workflow ends while one of its updates is still waiting."""

_log = structlog.get_logger()


class RunWorkflows:
    """Every call has a time limit of its own: the SDK retries some errors far past its own."""

    def __init__(self, client: Client, clock: Callable[[], int] = now_ms) -> None:
        self._client = client
        self._clock = clock

    async def start(self, run: contract.RunInput) -> None:
        """Start the workflow of a run; harmless when it is there already. Raises `unavailable`."""
        async with _as_unavailable(START_TIMEOUT_S, missing=_unavailable):
            with contextlib.suppress(WorkflowAlreadyStartedError):
                await self._client.start_workflow(
                    contract.WORKFLOW_TYPE,
                    run,
                    id=contract.workflow_id(run.state.run_id),
                    task_queue=contract.RUN_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    # A run that is over must not come back to life by a late repeat.
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    static_summary=_summary(run.title),
                    static_details=(
                        f"**PIN** {run.pin}\n\n**Quiz** `{run.quiz_id}`\n\n**Host** `{run.host_id}`"
                    ),
                    rpc_timeout=timedelta(seconds=START_TIMEOUT_S),
                )

    async def withdraw(self, run_id: str) -> None:
        """End a workflow whose start seemed to fail, in case the server took it after all."""
        try:
            async with _as_unavailable(WITHDRAW_TIMEOUT_S):
                await self._handle(run_id).terminate("the run could not be opened")
        except QuizrunError as error:
            _log.info("run.not_withdrawn", run_id=run_id, error=error)

    async def command(self, run_id: str, name: str, argument: contract.CommandInput) -> RunState:
        """Carry out a host's command and return the state after it.

        Raises what the run's rules refuse with, `run_finished` when the workflow is gone, and
        `unavailable` when no answer came in time. A repeat with the same key changes nothing.
        """
        async with _as_unavailable(COMMAND_TIMEOUT_S):
            try:
                state: RunState = await self._handle(run_id).execute_update(
                    name, argument, id=argument.key, result_type=RunState
                )
            except WorkflowUpdateFailedError as error:
                raise _refusal(error) from error
            return state

    async def players_joined(self, run_id: str, players: int) -> None:
        """Report how many players the run has now. Raises `run_finished` or `unavailable`."""
        await self._signal(
            run_id,
            contract.SIGNAL_PLAYERS_JOINED,
            contract.PlayersJoinedInput(players=players),
            request_id=f"players-joined-{players}",
        )

    async def all_answered(self, run_id: str, question: int, version: int) -> None:
        """Report that every connected player has answered. Raises like `players_joined`.

        Every gateway does so, again and again while it is true; the request id, which is theirs in
        common, lets the server drop all but one in `REPEAT_MS` without a trace in the history. The
        workflow may have ignored one that came before its question was open, or in a pause.
        """
        await self._signal(
            run_id,
            contract.SIGNAL_ALL_ANSWERED,
            contract.AllAnsweredInput(question=question),
            request_id=f"all-answered-{question}-{version}-{self._clock() // REPEAT_MS}",
        )

    async def extra_times(self, run_id: str, longest: int, change: int, version: int) -> None:
        """Report the largest factor of extra time. Raises like `players_joined`.

        Every gateway does so for as long as the workflow does not seem to know it.
        """
        await self._signal(
            run_id,
            contract.SIGNAL_EXTRA_TIMES,
            contract.ExtraTimesInput(longest=longest, change=change),
            request_id=f"extra-times-{change}-{version}",
        )

    async def is_running(self, run_id: str) -> bool:
        """Whether the workflow of the run exists and has not ended. Raises `unavailable`."""
        try:
            async with _as_unavailable(WITHDRAW_TIMEOUT_S):
                found = await self._handle(run_id).describe()
        except QuizrunError as error:
            if error.code is ErrorCode.RUN_FINISHED:
                return False
            raise
        return found.status is WorkflowExecutionStatus.RUNNING

    async def check(self) -> None:
        """Raises unless the server says that it is serving."""
        healthy = await self._client.service_client.check_health(
            timeout=timedelta(seconds=HEALTH_TIMEOUT_S)
        )
        if not healthy:
            raise QuizrunError(ErrorCode.UNAVAILABLE, "Temporal is not serving.")

    async def _signal(
        self, run_id: str, name: str, argument: BaseModel, request_id: str = ""
    ) -> None:
        # The SDK's own call picks the request id itself.
        request = SignalWorkflowExecutionRequest(
            namespace=self._client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=contract.workflow_id(run_id)),
            signal_name=name,
            identity=self._client.identity,
            request_id=request_id or str(uuid.uuid4()),
        )
        request.input.payloads.extend(await self._client.data_converter.encode([argument]))
        async with _as_unavailable(SIGNAL_TIMEOUT_S):
            await self._client.workflow_service.signal_workflow_execution(
                request, retry=True, timeout=timedelta(seconds=SIGNAL_TIMEOUT_S)
            )

    def _handle(self, run_id: str) -> WorkflowHandle[object, object]:
        return self._client.get_workflow_handle(contract.workflow_id(run_id))


@contextlib.asynccontextmanager
async def _as_unavailable(
    limit_s: float, missing: Callable[[], QuizrunError] | None = None
) -> AsyncIterator[None]:
    """At most `limit_s`; the SDK's errors become `unavailable`, or `missing` (`run_finished`)."""
    try:
        async with asyncio.timeout(limit_s):
            yield
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            refusal = (missing or _over)()
            raise refusal from error
        raise _unavailable() from error
    except (TimeoutError, RPCTimeoutOrCancelledError) as error:
        raise _unavailable() from error
    except RuntimeError as error:
        # What a lazy client raises when it cannot connect has no type of its own.
        raise _unavailable() from error


def _refusal(error: WorkflowUpdateFailedError) -> QuizrunError:
    cause = error.cause
    if isinstance(cause, ApplicationError):
        if cause.type == UPDATE_OUTLIVED_BY_WORKFLOW:
            return _over()
        if cause.type in set(ErrorCode):
            return QuizrunError(ErrorCode(cause.type), cause.message)
    _log.warning("run.update_failed", error=cause)
    return _unavailable()


def _over() -> QuizrunError:
    return QuizrunError(ErrorCode.RUN_FINISHED, "The run is over.")


def _unavailable() -> QuizrunError:
    return QuizrunError(ErrorCode.UNAVAILABLE, "The run cannot be reached just now; try again.")


def _summary(title: str) -> str:
    """The title as one short line: the server refuses summaries above 400 bytes."""
    line = " ".join(title.split())
    return line.encode()[:300].decode(errors="ignore")
