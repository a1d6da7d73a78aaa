"""The passkeys of accounts."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, fields

from sqlalchemy import delete, false, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from db.acting import on
from db.engine import statements, transaction
from db.ids import is_id
from db.tables import AccountRow, PasskeyRow, UsedChallengeRow


@dataclass(frozen=True, slots=True)
class Passkey:
    """A WebAuthn credential and its owner's name for it. Times are epoch ms.

    `public_key` is a COSE key, `sign_count` the last counter reported by the authenticator.
    """

    id: str
    account_id: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: list[str]
    aaguid: str
    name: str
    backup_eligible: bool
    backed_up: bool
    created_at: int
    last_used_at: int | None = None


_COLUMNS = tuple(getattr(PasskeyRow, field.name) for field in fields(Passkey))


class _NotAddedError(Exception):
    """Roll back: an act that changes nothing is not recorded as done."""


class Passkeys:
    """The repository of passkeys."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, passkey: Passkey, limit: int) -> bool:
        """Store a passkey; False if it exists, or the account already has `limit` of them."""
        with suppress(_NotAddedError):
            async with transaction(self._engine) as connection:
                mine = AccountRow.id == passkey.account_id
                await connection.execute(select(AccountRow.id).where(mine).with_for_update())
                counted = select(func.count()).where(PasskeyRow.account_id == passkey.account_id)
                if (await connection.execute(counted)).scalar_one() >= limit:
                    raise _NotAddedError
                values = {field.name: getattr(passkey, field.name) for field in fields(passkey)}
                statement = upsert(PasskeyRow).values(values).on_conflict_do_nothing()
                added = await connection.execute(statement.returning(PasskeyRow.id))
                if added.first() is None:
                    raise _NotAddedError
                on("passkey", passkey.id)
            return True
        return False

    async def of_account(self, account_id: str) -> list[Passkey]:
        """Return the account's passkeys, oldest first."""
        statement = (
            select(*_COLUMNS)
            .where(PasskeyRow.account_id == account_id)
            .order_by(PasskeyRow.created_at, PasskeyRow.id)
        )
        async with statements(self._engine) as connection:
            return [Passkey(*row) for row in await connection.execute(statement)]

    async def find(self, credential_id: bytes) -> Passkey | None:
        """Return the passkey with this credential id."""
        statement = select(*_COLUMNS).where(PasskeyRow.credential_id == credential_id)
        async with statements(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        return Passkey(*row) if row else None

    async def record_use(self, passkey_id: str, sign_count: int, backed_up: bool, now: int) -> bool:
        """Record a use; False if the counter has not increased since the last one.

        Authenticators without a counter always report 0.
        """
        uncounted = PasskeyRow.sign_count == 0 if sign_count == 0 else false()
        grown = or_(PasskeyRow.sign_count < sign_count, uncounted)
        statement = (
            update(PasskeyRow)
            .where(PasskeyRow.id == passkey_id, grown)
            .values(sign_count=sign_count, backed_up=backed_up, last_used_at=now)
        )
        async with statements(self._engine) as connection:
            return bool((await connection.execute(statement)).rowcount)

    async def rename(self, account_id: str, passkey_id: str, name: str) -> bool:
        """Rename a passkey; return whether it existed."""
        if not is_id(passkey_id):
            return False
        statement = (
            update(PasskeyRow)
            .where(PasskeyRow.account_id == account_id, PasskeyRow.id == passkey_id)
            .values(name=name)
        )
        async with statements(self._engine) as connection:
            return bool((await connection.execute(statement)).rowcount)

    async def remove(self, account_id: str, passkey_id: str) -> str | None:
        """Remove a passkey; return its name, or None if it did not exist."""
        if not is_id(passkey_id):
            return None
        statement = (
            delete(PasskeyRow)
            .where(PasskeyRow.account_id == account_id, PasskeyRow.id == passkey_id)
            .returning(PasskeyRow.name)
        )
        async with statements(self._engine) as connection:
            return (await connection.execute(statement)).scalar_one_or_none()


class UsedChallenges:
    """Used WebAuthn challenges: each is accepted once, across all gateways."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def mark_used(self, challenge_hash: bytes, expires_at: int, now: int) -> bool:
        """Mark a challenge as used; False if it already was."""
        async with transaction(self._engine, is_act=False) as connection:
            await connection.execute(
                delete(UsedChallengeRow).where(UsedChallengeRow.expires_at <= now)
            )
            statement = (
                upsert(UsedChallengeRow)
                .values(challenge_hash=challenge_hash, expires_at=expires_at)
                .on_conflict_do_nothing()
                .returning(UsedChallengeRow.challenge_hash)
            )
            return bool((await connection.execute(statement)).first())
