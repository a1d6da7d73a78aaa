"""The log of account events: sign-ins, changed passwords, ended sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements
from db.sessions import Origin
from db.tables import AccountEventRow, AccountRow
from telemetry.clock import now_ms

MAX_USER_AGENT_CHARS = 300
SIGNED_IN = "signed_in"


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """A line of the log. `kind` is a stable code such as `signed_in`; `at` is epoch ms."""

    id: int
    at: int
    kind: str
    address: str | None
    user_agent: str | None
    details: dict[str, Any]


_COLUMNS = (
    AccountEventRow.id,
    AccountEventRow.at,
    AccountEventRow.kind,
    AccountEventRow.address,
    AccountEventRow.user_agent,
    AccountEventRow.details,
)


class AccountEvents:
    """The repository of account events."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def record(
        self, account_id: str, kind: str, origin: Origin | None = None, **details: Any
    ) -> None:
        """Add an event to the account's log."""
        async with statements(self._engine, is_act=False) as connection:
            await connection.execute(
                insert(AccountEventRow).values(
                    account_id=account_id,
                    at=now_ms(),
                    kind=kind,
                    address=origin.address if origin else None,
                    user_agent=origin.user_agent if origin else None,
                    details=details,
                )
            )

    async def sign_ins(self, account_id: str, limit: int = 50) -> list[AccountEvent]:
        """Return the account's latest sign-ins, newest first."""
        statement = (
            select(*_COLUMNS)
            .where(AccountEventRow.account_id == account_id, AccountEventRow.kind == SIGNED_IN)
            .order_by(AccountEventRow.id.desc())
            .limit(limit)
        )
        async with statements(self._engine) as connection:
            return [AccountEvent(*row) for row in await connection.execute(statement)]

    async def sign_in_addresses(self, email: str, limit: int = 100) -> set[str]:
        """Return the IP addresses of the latest sign-ins to the account with this `email`."""
        statement = (
            select(AccountEventRow.address)
            .join(AccountRow, AccountRow.id == AccountEventRow.account_id)
            .where(AccountRow.email == email, AccountEventRow.kind == SIGNED_IN)
            .order_by(AccountEventRow.id.desc())
            .limit(limit)
        )
        async with statements(self._engine) as connection:
            return {item for item in (await connection.execute(statement)).scalars() if item}

    async def page(
        self, account_id: str, limit: int, before: int | None = None
    ) -> list[AccountEvent]:
        """Return the account's latest events, newest first; with `before`, those before that id."""
        statement = select(*_COLUMNS).where(AccountEventRow.account_id == account_id)
        if before is not None:
            statement = statement.where(AccountEventRow.id < before)
        statement = statement.order_by(AccountEventRow.id.desc()).limit(limit)
        async with statements(self._engine) as connection:
            return [AccountEvent(*row) for row in await connection.execute(statement)]
