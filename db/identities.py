"""Identities of hosts at OpenID providers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.engine import statements, transaction
from db.ids import is_id, new_id
from db.tables import AccountRow, IdentityRow
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms


@dataclass(frozen=True, slots=True)
class Identity:
    """An identity, permanently identified by `issuer` and `subject`.

    `email` is the address that the provider reported when the identity was linked.
    """

    id: str
    account_id: str
    provider: str
    issuer: str
    subject: str
    email: str | None
    created_at: int
    last_used_at: int | None


_COLUMNS = (
    IdentityRow.id,
    IdentityRow.account_id,
    IdentityRow.provider,
    IdentityRow.issuer,
    IdentityRow.subject,
    IdentityRow.email,
    IdentityRow.created_at,
    IdentityRow.last_used_at,
)


class Identities:
    """The repository of identities."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def find(self, issuer: str, subject: str) -> Identity | None:
        """Return the identity of this provider and subject."""
        statement = select(*_COLUMNS).where(
            IdentityRow.issuer == issuer, IdentityRow.subject == subject
        )
        async with statements(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        return Identity(*row) if row else None

    async def add(
        self, account_id: str, provider: str, issuer: str, subject: str, email: str | None
    ) -> bool:
        """Link an identity to an account; False if it is already linked to any account."""
        statement = (
            upsert(IdentityRow)
            .values(
                id=new_id(),
                account_id=account_id,
                provider=provider,
                issuer=issuer,
                subject=subject,
                email=email,
                created_at=now_ms(),
            )
            .on_conflict_do_nothing(index_elements=["issuer", "subject"])
            .returning(IdentityRow.id)
        )
        async with statements(self._engine) as connection:
            return (await connection.execute(statement)).first() is not None

    async def of_account(self, account_id: str, limit: int = 100) -> list[Identity]:
        """Return the account's identities, oldest first."""
        statement = (
            select(*_COLUMNS)
            .where(IdentityRow.account_id == account_id)
            .order_by(IdentityRow.created_at, IdentityRow.id)
            .limit(limit)
        )
        async with statements(self._engine) as connection:
            return [Identity(*row) for row in await connection.execute(statement)]

    async def record_use(self, identity_id: str, now: int) -> None:
        """Record a sign-in."""
        statement = update(IdentityRow).where(IdentityRow.id == identity_id)
        async with statements(self._engine) as connection:
            await connection.execute(statement.values(last_used_at=now))

    async def remove(self, account_id: str, identity_id: str) -> Identity | None:
        """Unlink an identity of the account; None if it does not exist.

        Raises `last_way_in` if it is the only way to sign in to the account.
        """
        if not is_id(identity_id):
            return None
        statement: Any = (
            delete(IdentityRow)
            .where(IdentityRow.account_id == account_id, IdentityRow.id == identity_id)
            .returning(*_COLUMNS)
        )
        async with transaction(self._engine) as connection:
            has_password, others = await self._other_ways(connection, account_id, identity_id)
            row = (await connection.execute(statement)).first()
            if row and not has_password and not others:
                raise QuizrunError(
                    ErrorCode.LAST_WAY_IN, "This is the only way to sign in to the account."
                )
        return Identity(*row) if row else None

    async def _other_ways(
        self, connection: AsyncConnection, account_id: str, identity_id: str
    ) -> tuple[bool, int]:
        """Whether there is a password, and the number of other identities."""
        # Locks the account, so that two requests cannot remove the last two ways to sign in.
        account: Any = select(AccountRow.password_hash).where(AccountRow.id == account_id)
        password = (await connection.execute(account.with_for_update())).scalar()
        others = select(func.count()).where(
            IdentityRow.account_id == account_id, IdentityRow.id != identity_id
        )
        return bool(password), int((await connection.execute(others)).scalar_one())
