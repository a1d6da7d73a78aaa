"""The gateway's client of run workflows: start them, send commands, report progress."""

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
"""The interval at which the report that everyone has answered is repeated."""

UPDATE_OUTLIVED_BY_WORKFLOW = "AcceptedUpdateCompletedWorkflow"
"""The server's error type when a workflow ends before one of its accepted updates."""

_log = structlog.get_logger()


class RunWorkflows:
    """Starts, updates and signals run workflows.

    Each call has its own deadline, because the SDK retries some errors far past its RPC timeout.
    """

    def __init__(self, client: Client, clock: Callable[[], int] = now_ms) -> None:
        self._client = client
        self._clock = clock

    async def start(self, run: contract.RunInput) -> None:
        """Start a run's workflow; does nothing if it exists. Raises `unavailable`."""
        async with _as_unavailable(START_TIMEOUT_S, missing=_unavailable):
            with contextlib.suppress(WorkflowAlreadyStartedError):
                await self._client.start_workflow(
                    contract.WORKFLOW_TYPE,
                    run,
                    id=contract.workflow_id(run.state.run_id),
                    task_queue=contract.RUN_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    # A late retry must not restart a run that is over.
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    static_summary=_summary(run.title),
                    static_details=(
                        f"**PIN** {run.pin}\n\n**Quiz** `{run.quiz_id}`\n\n**Host** `{run.host_id}`"
                    ),
                    task_timeout=contract.TASK_TIMEOUT,
                    rpc_timeout=timedelta(seconds=START_TIMEOUT_S),
                )

    async def withdraw(self, run_id: str) -> None:
        """Terminate a workflow whose start failed, in case the server accepted it after all."""
        try:
            async with _as_unavailable(WITHDRAW_TIMEOUT_S):
                await self._handle(run_id).terminate("the run could not be opened")
        except QuizrunError as error:
            _log.info("run.not_withdrawn", run_id=run_id, error=error)

    async def command(self, run_id: str, name: str, argument: contract.CommandInput) -> RunState:
        """Execute a host command as an update and return the resulting state. Idempotent by key.

        Raises the error of the violated rule, `run_finished` if the workflow is gone, and
        `unavailable` on timeout.
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
        """Report the run's number of players. Raises `run_finished` or `unavailable`."""
        await self._signal(
            run_id,
            contract.SIGNAL_PLAYERS_JOINED,
            contract.PlayersJoinedInput(players=players),
            request_id=f"players-joined-{players}",
        )

    async def all_answered(self, run_id: str, question: int, version: int) -> None:
        """Report that every connected player has answered. Raises like `players_joined`.

        Every gateway repeats this while it holds, because the workflow ignores it before the
        question opens and during a pause. Their common request id lets the server drop all but one
        per `REPEAT_MS` without adding to the history.
        """
        await self._signal(
            run_id,
            contract.SIGNAL_ALL_ANSWERED,
            contract.AllAnsweredInput(question=question),
            request_id=f"all-answered-{question}-{version}-{self._clock() // REPEAT_MS}",
        )

    async def extra_times(self, run_id: str, longest: int, change: int, version: int) -> None:
        """Report the largest extra-time factor. Raises like `players_joined`.

        Every gateway repeats this until the workflow's state shows it.
        """
        await self._signal(
            run_id,
            contract.SIGNAL_EXTRA_TIMES,
            contract.ExtraTimesInput(longest=longest, change=change),
            request_id=f"extra-times-{change}-{version}",
        )

    async def is_running(self, run_id: str) -> bool:
        """Return whether the run's workflow exists and is running. Raises `unavailable`."""
        try:
            async with _as_unavailable(WITHDRAW_TIMEOUT_S):
                found = await self._handle(run_id).describe()
        except QuizrunError as error:
            if error.code is ErrorCode.RUN_FINISHED:
                return False
            raise
        return found.status is WorkflowExecutionStatus.RUNNING

    async def check(self) -> None:
        """Raise unless the server is serving."""
        healthy = await self._client.service_client.check_health(
            timeout=timedelta(seconds=HEALTH_TIMEOUT_S)
        )
        if not healthy:
            raise QuizrunError(ErrorCode.UNAVAILABLE, "Temporal is not serving.")

    async def _signal(
        self, run_id: str, name: str, argument: BaseModel, request_id: str = ""
    ) -> None:
        # The SDK's signal method does not let callers choose the request id.
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
    """Apply a deadline and map SDK errors to `unavailable`, or `missing` (`run_finished`)."""
    try:
        async with asyncio.timeout(limit_s):
            yield
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            refusal = (missing or _run_finished)()
            raise refusal from error
        raise _unavailable() from error
    except (TimeoutError, RPCTimeoutOrCancelledError) as error:
        raise _unavailable() from error
    except RuntimeError as error:
        # A lazy client raises a plain RuntimeError when it cannot connect.
        raise _unavailable() from error


def _refusal(error: WorkflowUpdateFailedError) -> QuizrunError:
    cause = error.cause
    if isinstance(cause, ApplicationError):
        if cause.type == UPDATE_OUTLIVED_BY_WORKFLOW:
            return _run_finished()
        if cause.type in set(ErrorCode):
            return QuizrunError(ErrorCode(cause.type), cause.message)
    _log.warning("run.update_failed", error=cause)
    return _unavailable()


def _run_finished() -> QuizrunError:
    return QuizrunError(ErrorCode.RUN_FINISHED, "The run is over.")


def _unavailable() -> QuizrunError:
    return QuizrunError(ErrorCode.UNAVAILABLE, "The run cannot be reached right now. Try again.")


def _summary(title: str) -> str:
    """Return the title as one line of at most 300 bytes; the server rejects summaries over 400."""
    line = " ".join(title.split())
    return line.encode()[:300].decode(errors="ignore")
