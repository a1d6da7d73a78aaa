"""The audit log of operator actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.acting import Acting, acting
from db.engine import statements
from db.ids import new_id
from quiz.acts import DONE, Act
from quiz.errors import QuizrunError
from telemetry.clock import now_ms

MAX_CHARS = 500

log = structlog.get_logger(__name__)

_RECORD = text("""
    INSERT INTO operator_actions (id, at, operator, action, run_id, outcome, details)
    VALUES (:id, :at, :operator, :action, :run_id, :outcome, CAST(:details AS jsonb))
""")
_OF_RUN = text("""
    SELECT at, operator, action, outcome FROM operator_actions
    WHERE run_id = :run_id ORDER BY at DESC LIMIT :limit
""")


_LATEST = text("""
    SELECT at, operator, action, outcome, run_id, details FROM operator_actions
    ORDER BY at DESC, id LIMIT :limit OFFSET :offset
""")


@dataclass(frozen=True, slots=True)
class OperatorAction:
    """An operator's action on a run; `at` is epoch ms."""

    at: int
    operator: str
    action: str
    outcome: str


@dataclass(frozen=True, slots=True)
class OperatorActionLine(OperatorAction):
    """An action with its run and details."""

    run_id: str | None
    details: dict[str, Any]


class OperatorActions:
    """The repository of operator actions."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def record(
        self, operator: str, action: str, run_id: str | None, outcome: str, **details: Any
    ) -> None:
        """Record an action. Raises `unavailable`."""
        async with statements(self._engine, is_act=False) as connection:
            await record(connection, operator, action, run_id, outcome, **details)

    async def note(self, operator: str, action: str, run_id: str | None, outcome: str) -> None:
        """Record and log a completed action. Outages are logged, not raised."""
        # The operator and the outcome, which may name players, must not get into the logs.
        log.info("operator.command", command=action, run_id=run_id)
        try:
            await self.record(operator, action, run_id, outcome)
        except QuizrunError as error:
            log.warning("operator.not_recorded", run_id=run_id, reason=error.message)

    async def latest(self, limit: int, offset: int) -> list[OperatorActionLine]:
        """Return the latest actions, newest first."""
        values = {"limit": limit, "offset": offset}
        async with statements(self._engine) as connection:
            rows = await connection.execute(_LATEST, values)
            return [OperatorActionLine(*row) for row in rows]

    async def of_run(self, run_id: str, limit: int = 10) -> list[OperatorAction]:
        """Return the latest actions on the run, newest first."""
        async with statements(self._engine) as connection:
            rows = await connection.execute(_OF_RUN, {"run_id": run_id, "limit": limit})
            return [OperatorAction(*row) for row in rows]


async def record(
    connection: AsyncConnection,
    operator: str,
    action: str,
    run_id: str | None,
    outcome: str,
    **details: Any,
) -> None:
    """Record an action within the caller's transaction."""
    values = {
        "id": new_id(),
        "at": now_ms(),
        "operator": operator[:MAX_CHARS],
        "action": action,
        "run_id": run_id,
        "outcome": outcome[:MAX_CHARS],
        "details": orjson.dumps(details).decode(),
    }
    await connection.execute(_RECORD, values)
    if acting() is None:  # a command, or maintenance; requests are recorded by their route
        await _audit(connection, operator, action, run_id, outcome, details)


async def _audit(
    connection: AsyncConnection,
    operator: str,
    action: str,
    run_id: str | None,
    outcome: str,
    details: dict[str, Any],
) -> None:
    kept: dict[str, Any] = {name: details[name] for name in ("role", "disabled") if name in details}
    act = Acting(Act.OPERATE, operator=operator[:MAX_CHARS], details={"command": action, **kept})
    account_id = details.get("account_id")
    if run_id is not None:
        act.target_kind, act.target_id = "run", run_id
    elif isinstance(account_id, str):
        act.target_kind, act.target_id = "account", account_id
    refused = outcome.startswith("refused")
    await act.record(connection, "refused" if refused else DONE, alone=True)
