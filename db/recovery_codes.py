"""Recovery codes of accounts, and which second factors an account has."""

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
        """Whether a password alone is not enough. Recovery codes only stand in for a factor."""
        return self.passkey or self.totp


class RecoveryCodes:
    """The repository of recovery codes. It sees hashes only."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def factors(self, account_id: str) -> FactorsHeld:
        """The second factors that the account has."""
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
        """Make these the account's codes; all earlier ones are void."""
        rows = [{"account_id": account_id, "code_hash": item, "created_at": now} for item in hashes]
        async with transaction(self._engine) as connection:
            await connection.execute(
                delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id)
            )
            if rows:
                await connection.execute(insert(RecoveryCodeRow), rows)

    async def use(self, account_id: str, code_hash: bytes, now: int) -> bool:
        """Use a code, which nobody can use again; false if it is not good."""
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
