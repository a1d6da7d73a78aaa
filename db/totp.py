"""The authenticator apps of accounts: encrypted keys, and the last code that was accepted."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements
from db.tables import TotpRow


@dataclass(frozen=True, slots=True)
class Totp:
    """An authenticator app. `last_step`: the time step of the last code that was accepted."""

    account_id: str
    sealed: bytes
    last_step: int
    created_at: int
    last_used_at: int | None = None


_COLUMNS = tuple(getattr(TotpRow, field.name) for field in fields(Totp))


class Totps:
    """The repository of authenticator apps; an account has one at most."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, totp: Totp) -> bool:
        """Store a new one; false if the account has one already."""
        values = {field.name: getattr(totp, field.name) for field in fields(totp)}
        statement = upsert(TotpRow).values(values).on_conflict_do_nothing()
        async with statements(self._engine) as connection:
            added = await connection.execute(statement.returning(TotpRow.account_id))
            return added.first() is not None

    async def find(self, account_id: str) -> Totp | None:
        """The account's authenticator app."""
        statement = select(*_COLUMNS).where(TotpRow.account_id == account_id)
        async with statements(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        return Totp(*row) if row else None

    async def accept(self, account_id: str, step: int, now: int) -> bool:
        """Note that the code of a time step was used; false if it, or a later one, was before."""
        statement = (
            update(TotpRow)
            .where(TotpRow.account_id == account_id, TotpRow.last_step < step)
            .values(last_step=step, last_used_at=now)
        )
        async with statements(self._engine) as connection:
            return bool((await connection.execute(statement)).rowcount)

    async def remove(self, account_id: str) -> bool:
        """Remove it; whether there was one."""
        statement = delete(TotpRow).where(TotpRow.account_id == account_id)
        async with statements(self._engine) as connection:
            return bool((await connection.execute(statement)).rowcount)
