"""Authenticator apps of accounts: encrypted keys, and the last accepted code."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements
from db.tables import TotpRow


@dataclass(frozen=True, slots=True)
class Totp:
    """An authenticator app; `sealed` is its encrypted key.

    `last_step` is the time step of the last accepted code.
    """

    account_id: str
    sealed: bytes
    last_step: int
    created_at: int
    last_used_at: int | None = None


_COLUMNS = tuple(getattr(TotpRow, field.name) for field in fields(Totp))


class Totps:
    """The repository of authenticator apps; an account has at most one."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, totp: Totp) -> bool:
        """Store an authenticator app; False if the account already has one."""
        values = {field.name: getattr(totp, field.name) for field in fields(totp)}
        statement = upsert(TotpRow).values(values).on_conflict_do_nothing()
        async with statements(self._engine) as connection:
            added = await connection.execute(statement.returning(TotpRow.account_id))
            return added.first() is not None

    async def find(self, account_id: str) -> Totp | None:
        """Return the account's authenticator app."""
        statement = select(*_COLUMNS).where(TotpRow.account_id == account_id)
        async with statements(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        return Totp(*row) if row else None

    async def accept(self, account_id: str, step: int, now: int) -> bool:
        """Accept the code of a time step; False if that or a later one was accepted before."""
        statement = (
            update(TotpRow)
            .where(TotpRow.account_id == account_id, TotpRow.last_step < step)
            .values(last_step=step, last_used_at=now)
        )
        async with statements(self._engine) as connection:
            return bool((await connection.execute(statement)).rowcount)

    async def page(self, after: str | None, limit: int) -> list[tuple[str, bytes]]:
        """Return account ids and encrypted keys, in the order of ids; `after` is the last one."""
        statement = select(TotpRow.account_id, TotpRow.sealed).order_by(TotpRow.account_id)
        if after is not None:
            statement = statement.where(TotpRow.account_id > after)
        async with statements(self._engine) as connection:
            rows = await connection.execute(statement.limit(limit))
            return [(account_id, bytes(sealed)) for account_id, sealed in rows]

    async def replace_sealed(self, account_id: str, before: bytes, after: bytes) -> bool:
        """Replace an encrypted key; False if it has changed meanwhile."""
        statement = (
            update(TotpRow)
            .where(TotpRow.account_id == account_id, TotpRow.sealed == before)
            .values(sealed=after)
        )
        async with statements(self._engine) as connection:
            return bool((await connection.execute(statement)).rowcount)

    async def remove(self, account_id: str) -> bool:
        """Remove the account's authenticator app; return whether it had one."""
        statement = delete(TotpRow).where(TotpRow.account_id == account_id)
        async with statements(self._engine) as connection:
            return bool((await connection.execute(statement)).rowcount)
