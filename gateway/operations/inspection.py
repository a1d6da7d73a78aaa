"""Collect everything known about a run from PostgreSQL, Redis, Kafka and Temporal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from temporalio.service import RPCError

from bus.tail import LastEvent
from db.ids import is_id
from db.live_runs import LiveRuns, RunLine
from db.operator_actions import OperatorActions
from db.presence import Presence
from db.run_state import RunStates
from gateway.operations.report import (
    ActionView,
    GatewayView,
    PublishedEvent,
    RunReport,
    ServerView,
)
from gateway.operations.workflow_view import Workflows, ui_link
from quiz.errors import ErrorCode, QuizrunError
from quiz.run import Phase
from quiz.stalling import expected_at, overdue_ms
from telemetry.clock import now_ms
from telemetry.health import CHECK_TIMEOUT_S, HealthCheck, run_checks

T = TypeVar("T")
U = TypeVar("U")

LastEventOf = Callable[[str], Awaitable[LastEvent | None]]
"""Returns the last event of a run on Kafka. Raises `unavailable`."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The stores to inspect. `last_event` None skips Kafka, whose log takes seconds to search."""

    live_runs: LiveRuns
    run_states: RunStates
    presence: Presence
    actions: OperatorActions
    workflows: Workflows
    health: Sequence[HealthCheck]
    last_event: LastEventOf | None = None


class Inspector:
    """Inspects runs without changing them. Unavailable servers leave gaps in the report."""

    def __init__(
        self,
        sources: Sources,
        *,
        ui_url: str = "",
        namespace: str = "default",
        check_timeout_s: float = CHECK_TIMEOUT_S,
    ) -> None:
        """`ui_url` is the Temporal UI's URL; empty if unknown."""
        self._sources = sources
        self._ui_url = ui_url
        self._namespace = namespace
        self._check_timeout_s = check_timeout_s

    async def servers(self) -> list[ServerView]:
        """Check whether each server responds."""
        found = await run_checks(self._sources.health, timeout_s=self._check_timeout_s)
        return [ServerView(name=one.name, ok=one.ok, ms=one.ms, error=one.error) for one in found]

    async def runs(
        self, *, live: bool = True, phase: str | None = None, host: str | None = None
    ) -> list[RunReport]:
        """List runs from PostgreSQL alone. Raises `unavailable`."""
        lines = await self._sources.live_runs.list(live=live, phase=phase, host=host)
        now = now_ms()
        return [self._report(line, now) for line in lines]

    async def report(self, run_id: str) -> RunReport:
        """Report on the run from every store. Raises `not_found` if PostgreSQL has no such run."""
        if not is_id(run_id):
            raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such run.")
        sources = self._sources
        async with asyncio.TaskGroup() as asking:
            servers = asking.create_task(self.servers())
            line = asking.create_task(_if_available(sources.live_runs.get(run_id)))
            workflow = asking.create_task(_if_available(sources.workflows.view(run_id)))
            workers = asking.create_task(_if_available(sources.workflows.pollers()))
            actions = asking.create_task(_if_available(sources.actions.of_run(run_id)))
            projected = asking.create_task(sources.run_states.projected_version(run_id))
            presence = asking.create_task(sources.presence.by_gateway(run_id))
            published = asking.create_task(_if_available(self._published(run_id)))
        found = _or_default(line.result(), RunReport(run_id=run_id, temporal_ui=self._link(run_id)))
        if found is None:
            raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such run.")
        report = found if isinstance(found, RunReport) else self._report(found, now_ms())
        view = _or_default(workflow.result(), None)
        gateways, last = presence.result(), _or_default(published.result(), None)
        update: dict[str, Any] = {
            "servers": servers.result(),
            "workflow": view,
            "temporal_asked": bool(workflow.result()),
            # The phase of a reveal does not show whether scoring was completed.
            "scoring": report.scoring
            or (report.phase == Phase.REVEAL and view is not None and bool(view.steps)),
            "workers": _or_default(workers.result(), []),
            "actions": [ActionView(**asdict(one)) for one in _or_default(actions.result(), [])],
            "redis_version": projected.result(),
            "connected": None if gateways is None else sum(one.connected for one in gateways),
            "gateways": [
                GatewayView(
                    gateway=one.gateway_id,
                    connected=one.connected,
                    answered=one.answered,
                    seen_s_ago=one.seen_s_ago,
                )
                for one in gateways or ()
            ],
            "published": PublishedEvent(**asdict(last)) if last else None,
        }
        return report.model_copy(update=update)

    async def _published(self, run_id: str) -> LastEvent | None:
        search = self._sources.last_event
        return await search(run_id) if search else None

    def _link(self, run_id: str) -> str | None:
        return ui_link(self._ui_url, self._namespace, run_id)

    def _report(self, line: RunLine, now: int) -> RunReport:
        state, over = line.state, line.finished_at is not None
        return RunReport(
            run_id=line.id,
            pin=line.pin,
            title=line.title,
            host_id=line.host_id,
            host=line.host_name,
            phase=line.phase.value,
            paused=state.paused,
            scoring=state.phase is Phase.QUESTION and state.due is not None,
            question=state.question + 1,
            question_count=state.question_count,
            auto_advance=state.settings.auto_advance,
            players=line.players,
            answered=line.answered,
            created_at=line.created_at,
            finished_at=line.finished_at,
            deadline_at=state.deadline_at,
            expected_at=None if over else expected_at(state),
            overdue_ms=0 if over else overdue_ms(state, now),
            paused_at=state.paused_at,
            expires_at=state.expires_at,
            version=line.version,
            temporal_ui=self._link(line.id),
        )


async def _if_available(asking: Awaitable[T]) -> list[T]:
    """Return the result in a list, or an empty list if the server is unavailable."""
    try:
        return [await asking]
    except (RPCError, TimeoutError, RuntimeError, OSError):
        return []
    except QuizrunError as error:
        if error.code is not ErrorCode.UNAVAILABLE:
            raise
        return []


def _or_default(answer: list[T], otherwise: U) -> T | U:
    """Return the result of `_if_available`, or `otherwise` if there is none."""
    return answer[0] if answer else otherwise
