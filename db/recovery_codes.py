"""Recovery codes of accounts, and the overview of an account's second factors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements, transaction
from db.tables import PasskeyRow, RecoveryCodeRow, TotpRow


class FactorsHeld(NamedTuple):
    """The second factors of an account."""

    passkey: bool
    totp: bool
    recovery_codes: int

    @property
    def any(self) -> bool:
        """Whether sign-in needs a second factor; recovery codes only substitute for one."""
        return self.passkey or self.totp


class RecoveryCodes:
    """The repository of recovery codes, which are stored as hashes."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def factors(self, account_id: str) -> FactorsHeld:
        """Return the second factors of the account."""
        left = (
            select(func.count())
            .where(RecoveryCodeRow.account_id == account_id, RecoveryCodeRow.used_at.is_(None))
            .scalar_subquery()
        )
        statement = select(
            exists().where(PasskeyRow.account_id == account_id),
            exists().where(TotpRow.account_id == account_id),
            left,
        )
        async with statements(self._engine) as connection:
            return FactorsHeld(*(await connection.execute(statement)).one())

    async def replace(self, account_id: str, hashes: Iterable[bytes], now: int) -> None:
        """Replace the account's codes."""
        rows = [{"account_id": account_id, "code_hash": item, "created_at": now} for item in hashes]
        async with transaction(self._engine) as connection:
            await connection.execute(
                delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id)
            )
            if rows:
                await connection.execute(insert(RecoveryCodeRow), rows)

    async def use(self, account_id: str, code_hash: bytes, now: int) -> bool:
        """Use up a code; False if it is invalid or was used before."""
        statement = (
            update(RecoveryCodeRow)
            .where(
                RecoveryCodeRow.account_id == account_id,
                RecoveryCodeRow.code_hash == code_hash,
                RecoveryCodeRow.used_at.is_(None),
            )
            .values(used_at=now)
        )
        async with statements(self._engine) as connection:
            return bool((await connection.execute(statement)).rowcount)
