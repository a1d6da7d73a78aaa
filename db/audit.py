"""The audit log: pages, exports and retention. `db.acting` writes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import aliased

from db.acting import Acting
from db.engine import statements, transaction
from db.tables import AccountRow, AuditRow

EXPORT_PAGE = 1_000
PURGE_BATCH = 10_000
DAY_MS = 86_400_000

_PURGE = text("""
    DELETE FROM audit_log WHERE id IN (
        SELECT id FROM audit_log WHERE at < :before ORDER BY at LIMIT :limit FOR UPDATE SKIP LOCKED
    )
""")
_ACTOR = aliased(AccountRow)
_COLUMNS: tuple[Any, ...] = (
    *(AuditRow.id, AuditRow.at, AuditRow.action, AuditRow.outcome, AuditRow.account_id),
    *(_ACTOR.display_name, _ACTOR.email, AuditRow.credential, AuditRow.operator),
    *(AuditRow.target_kind, AuditRow.target_id, AuditRow.owner_id, AuditRow.address),
    *(AuditRow.user_agent, AuditRow.details),
)


@dataclass(frozen=True, slots=True)
class AuditLine:
    """A line. `name` and `email` are the actor's, None for deleted accounts; `at` is epoch ms."""

    id: int
    at: int
    action: str
    outcome: str
    account_id: str | None
    name: str | None
    email: str | None
    credential: str | None
    operator: str | None
    target_kind: str | None
    target_id: str | None
    owner_id: str | None
    address: str | None
    user_agent: str | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines to return; None matches all. `concerning` is an account that acted or owns the
    target.
    """

    concerning: str | None = None
    account: str | None = None
    action: str | None = None
    target: str | None = None
    address: str | None = None
    refused: bool | None = None
    since: int | None = None
    until: int | None = None


class AuditLog:
    """The repository of acts."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, act: Acting, outcome: str) -> None:
        """Record an act that no transaction of its own has recorded. Raises `unavailable`."""
        async with transaction(self._engine, is_act=False) as connection:
            await act.record(connection, outcome, alone=True)

    async def page(
        self, wanted: AuditFilter, limit: int, before: int | None = None
    ) -> list[AuditLine]:
        """Return the latest lines, newest first; with `before`, those before that id."""
        statement = _matching(wanted).order_by(AuditRow.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(AuditRow.id < before)
        async with statements(self._engine) as connection:
            return [AuditLine(*row) for row in await connection.execute(statement)]

    async def pages(self, wanted: AuditFilter, at_most: int) -> AsyncIterator[list[AuditLine]]:
        """Yield all lines, newest first, up to `at_most`."""
        before, left = None, at_most
        while left > 0:
            page = await self.page(wanted, min(EXPORT_PAGE, left), before)
            if page:
                yield page
            if len(page) < EXPORT_PAGE:
                return
            before, left = page[-1].id, left - len(page)

    async def purge(self, now: int, days: int) -> None:
        """Delete lines older than `days`, in batches. Raises `unavailable`."""
        values = {"before": now - days * DAY_MS, "limit": PURGE_BATCH}
        deleted = PURGE_BATCH
        while deleted == PURGE_BATCH:
            async with transaction(self._engine) as connection:
                await connection.execute(text("SET LOCAL quizrun.audit_retention = 'on'"))
                deleted = (await connection.execute(_PURGE, values)).rowcount


def _matching(wanted: AuditFilter) -> Select[Any]:
    statement = select(*_COLUMNS).outerjoin(_ACTOR, _ACTOR.id == AuditRow.account_id)
    equal = {
        AuditRow.account_id: wanted.account,
        AuditRow.action: wanted.action,
        AuditRow.target_id: wanted.target,
        AuditRow.address: wanted.address,
    }
    for column, value in equal.items():
        if value is not None:
            statement = statement.where(column == value)
    if wanted.concerning is not None:
        mine = wanted.concerning
        statement = statement.where(or_(AuditRow.account_id == mine, AuditRow.owner_id == mine))
    if wanted.refused is not None:
        refused = AuditRow.outcome != "done"
        statement = statement.where(refused if wanted.refused else ~refused)
    if wanted.since is not None:
        statement = statement.where(AuditRow.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(AuditRow.at < wanted.until)
    return statement
