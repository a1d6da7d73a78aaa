"""A stage for workflow tests: scripted activities that only record their inputs.

The real activities are tested against real stores in `tests/activities`; here only time and faults
are simulated.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import Worker

from quiz.events import Decision
from quiz.run import IdleTimeouts, RunPlan, RunSettings, RunState
from quiz.snapshot import LeaderboardLine
from tests.waiting import until_async
from tests.workflows.sandbox import sandbox
from workers.interceptors import Heartbeats
from workflows import contract
from workflows.contract import (
    ClosedQuestion,
    CloseInput,
    CommandInput,
    DecisionsInput,
    Publication,
    RunInput,
    RunResult,
    StepInput,
)
from workflows.quiz_run import QuizRun

Handle = WorkflowHandle[QuizRun, RunResult]


class Stage:
    """Scripted activities. `limit_ms` is the time limit of the questions of its runs.

    Without `local_steps`, runs follow the rules from before steps could be local activities.
    """

    def __init__(
        self, *, limit_ms: int = 20_000, scoring_s: float = 0.0, local_steps: bool = True
    ) -> None:
        self.limit_ms = limit_ms
        self.local_steps = local_steps
        self.events: list[tuple[int, str]] = []
        self.decisions: list[Decision] = []
        self.published = asyncio.Event()
        """Unset, the activities that publish hang: Kafka is frozen."""
        self.published.set()
        self.opened_at: int | None = None
        """When an earlier attempt published that the next question opens."""
        self.tries: Counter[str] = Counter()
        self.failing: Counter[str] = Counter()
        self.hopeless: set[str] = set()
        """Activities that fail in a way that no retry can mend."""
        self.scoring = asyncio.Event()
        self.applied_keys: tuple[str, ...] = ()
        """The commands that runs have applied before they continued as new."""
        self.runs: list[Handle] = []
        self._scoring_s = scoring_s

    def fail(self, name: str, times: int) -> None:
        """Make the next `times` attempts of the activity `name` fail."""
        self.failing[name] = times

    def plan(self, questions: int, idle: IdleTimeouts) -> RunPlan | None:
        """The plan of a run; None if the first release opened it."""
        return RunPlan(
            time_limits_ms=(self.limit_ms,) * questions,
            idle=idle,
            local_steps=self.local_steps,
            roomy_leads=self.local_steps,
        )

    @property
    def activities(self) -> list[Callable[..., Any]]:
        """The activities on the queue of the workflow."""
        return [self.publish_decisions, self.close_question, self.finish_run]

    @property
    def local_activities(self) -> list[Callable[..., Any]]:
        """The activities that the worker of the workflow executes itself."""
        return [self.publish_decisions, self.close_question] if self.local_steps else []

    @property
    def scoring_activities(self) -> list[Callable[..., Any]]:
        """The activities on the queue of their own."""
        return [self.close_question]

    def _try(self, name: str) -> None:
        self.tries[name] += 1
        if name in self.hopeless:
            raise ApplicationError(f"{name} can never succeed", non_retryable=True)
        if self.failing[name] > 0:
            self.failing[name] -= 1
            raise RuntimeError(f"{name} cannot reach its server")

    @activity.defn(name=contract.PUBLISH_DECISIONS)
    async def publish_decisions(self, given: DecisionsInput) -> Publication:
        """Record the decisions."""
        self._try(contract.PUBLISH_DECISIONS)
        await self.published.wait()
        self.decisions += given.decisions
        self.events.extend((one.version, one.type) for one in given.decisions)
        opens_at, self.opened_at = self.opened_at, None
        return Publication(opens_at=opens_at or given.decisions[-1].state.opens_at)

    @activity.defn(name=contract.CLOSE_QUESTION)
    async def close_question(self, given: CloseInput) -> ClosedQuestion:
        """Take `scoring_s` seconds of real time, and return one leader."""
        self._try(contract.CLOSE_QUESTION)
        self.events.append((given.closing.version, "question.closing"))
        self.scoring.set()
        # time: scoring takes so long
        await asyncio.sleep(self._scoring_s)
        self.events.append((given.closed.version, "question.closed"))
        top = LeaderboardLine(rank=1, nickname="Ada | <b>", score=900)
        return ClosedQuestion(answered=given.closed.players, top=(top,))

    @activity.defn(name=contract.FINISH_RUN)
    async def finish_run(self, given: StepInput) -> RunResult:
        """Finish the run in its final phase."""
        self._try(contract.FINISH_RUN)
        state = given.state
        self.events.append((state.version, f"run.{state.final_phase.value}"))
        return RunResult(
            run_id=state.run_id,
            phase=state.final_phase.value,
            players=state.players,
            questions=state.question + 1,
            podium=(),
        )

    @asynccontextmanager
    async def open(self, client: Client, **options: Any) -> AsyncIterator[None]:
        """Run workers that serve the real workflow with these activities.

        On leaving, runs that are still open are terminated: no later worker gets them.
        """
        try:
            async with self.workflows(client, **options), self.steps(client):
                yield
        finally:
            for run in self.runs:
                with suppress(RPCError):  # it is over
                    await run.terminate()

    def workflows(self, client: Client, **options: Any) -> Worker:
        """A worker for the workflow alone."""
        return Worker(
            client,
            task_queue=contract.RUN_QUEUE,
            workflows=[QuizRun],
            activities=self.local_activities,
            no_remote_activities=bool(self.local_activities),
            workflow_runner=sandbox(),
            graceful_shutdown_timeout=timedelta(seconds=5),
            **options,
        )

    @asynccontextmanager
    async def steps(self, client: Client) -> AsyncIterator[None]:
        """Run workers for the activities alone."""
        queues = {
            contract.RUN_QUEUE: self.activities,
            contract.SCORING_QUEUE: self.scoring_activities,
        }
        async with AsyncExitStack() as stack:
            for queue, activities in queues.items():
                worker = Worker(
                    client,
                    task_queue=queue,
                    activities=activities,
                    interceptors=[Heartbeats()],
                    graceful_shutdown_timeout=timedelta(seconds=5),
                )
                await stack.enter_async_context(worker)
            yield


async def open_run(
    client: Client,
    stage: Stage,
    questions: int,
    idle: IdleTimeouts | None = None,
    task_timeout: timedelta | None = None,
    **chosen: Any,
) -> Handle:
    """Start a run in its lobby."""
    run_id = str(uuid.uuid4())
    settings = RunSettings.model_validate(chosen)
    state = RunState(run_id=run_id, question_count=questions, settings=settings)
    given = RunInput(
        state=state,
        title="Capitals",
        pin="123456",
        quiz_id="quiz",
        host_id="host",
        plan=stage.plan(questions, idle or IdleTimeouts()),
        applied_keys=stage.applied_keys,
    )
    handle = await client.start_workflow(
        QuizRun.run,
        given,
        id=contract.workflow_id(run_id),
        task_queue=contract.RUN_QUEUE,
        task_timeout=task_timeout,
    )
    stage.runs.append(handle)
    return handle


async def command(
    handle: Handle, name: str, *, key: str = "", player_id: str | None = None
) -> RunState:
    """Send a host command and return the resulting state."""
    key = key or uuid.uuid4().hex
    given = CommandInput(key=key, player_id=player_id)
    state: RunState = await handle.execute_update(name, given, id=key, result_type=RunState)
    return state


async def refused(handle: Handle, name: str) -> str:
    """Send a command that is refused; return the error code."""
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await command(handle, name)
    assert isinstance(failed.value.cause, ApplicationError)
    return failed.value.cause.type or ""


async def until(stage: Stage, kind: str, count: int = 1) -> None:
    """Wait until `count` events of this kind have been published."""
    async with asyncio.timeout(20):
        while sum(event == kind for _, event in stage.events) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def until_tried(stage: Stage, name: str, times: int = 1) -> None:
    """Wait until the activity `name` has been attempted `times` times."""
    async with asyncio.timeout(20):
        while stage.tries[name] < times:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def until_in_history(handle: Handle, event: EventType.ValueType, count: int = 1) -> None:
    """Wait until the history contains `count` events of this type."""

    async def there() -> bool:
        history = await handle.fetch_history()
        return sum(one.event_type == event for one in history.events) >= count

    await until_async(there, 20)
