"""Accounts of hosts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements, transaction
from db.ids import is_id, new_id
from db.tables import (
    AccountRow,
    ApiTokenRow,
    IdentityRow,
    PasskeyRow,
    RecoveryCodeRow,
    SessionRow,
    TotpRow,
)
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms


@dataclass(frozen=True, slots=True)
class Account:
    """A host's account.

    `password_hash` is empty if the host signs in with other providers only. `disabled_at` is when
    an admin locked the account, `delete_at` when it will be deleted.
    """

    id: str
    email: str
    display_name: str
    password_hash: str
    created_at: int
    email_verified_at: int | None = None
    role: str = "host"
    language: str | None = None
    disabled_at: int | None = None
    delete_at: int | None = None


ACCOUNT_COLUMNS = tuple(getattr(AccountRow, column.name) for column in fields(Account))
"""The columns of `Account`, in its order."""


_CREDENTIALS = (SessionRow, IdentityRow, PasskeyRow, TotpRow, RecoveryCodeRow, ApiTokenRow)


class Accounts:
    """The repository of accounts."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(
        self,
        email: str,
        display_name: str,
        password_hash: str,
        *,
        language: str | None = None,
        verified_at: int | None = None,
    ) -> Account:
        """Create an account; `email` is stored in lower case. Raises `email_taken`."""
        account = Account(
            new_id(),
            canonical(email),
            display_name,
            password_hash,
            now_ms(),
            email_verified_at=verified_at,
            language=language,
        )
        statement = (
            upsert(AccountRow)
            .values(
                id=account.id,
                email=account.email,
                display_name=account.display_name,
                password_hash=account.password_hash,
                created_at=account.created_at,
                email_verified_at=account.email_verified_at,
                language=account.language,
            )
            .on_conflict_do_nothing(index_elements=["email"])
            .returning(AccountRow.id)
        )
        async with statements(self._engine) as connection:
            if (await connection.execute(statement)).first() is None:
                raise _email_taken()
        return account

    async def by_email(self, email: str) -> Account | None:
        """Return the account with this email address, ignoring case."""
        statement = select(*ACCOUNT_COLUMNS).where(AccountRow.email == canonical(email))
        async with statements(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        return Account(*row) if row else None

    async def by_id(self, account_id: str) -> Account | None:
        """Return the account with this id."""
        if not is_id(account_id):
            return None
        statement = select(*ACCOUNT_COLUMNS).where(AccountRow.id == account_id)
        async with statements(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        return Account(*row) if row else None

    async def set_password(
        self, account_id: str, password_hash: str, *, keep_session: str | None = None
    ) -> None:
        """Change the password, and end all sessions except `keep_session`."""
        async with transaction(self._engine) as connection:
            await connection.execute(
                update(AccountRow)
                .where(AccountRow.id == account_id)
                .values(password_hash=password_hash)
            )
            ended = delete(SessionRow).where(SessionRow.account_id == account_id)
            if keep_session is not None:
                ended = ended.where(SessionRow.id != keep_session)
            await connection.execute(ended)

    async def claim(self, account_id: str, password_hash: str, now: int) -> None:
        """Hand over an account with an unverified address to whoever has proved to own the address.

        Someone else may have registered it, so all existing credentials and sessions are revoked.
        """
        async with transaction(self._engine) as connection:
            await connection.execute(
                update(AccountRow)
                .where(AccountRow.id == account_id)
                .values(password_hash=password_hash, email_verified_at=now)
            )
            for table in _CREDENTIALS:
                await connection.execute(delete(table).where(table.account_id == account_id))

    async def remove_factors(self, account_id: str) -> None:
        """Remove all second factors: passkeys, authenticator app and recovery codes."""
        async with transaction(self._engine) as connection:
            for table in (PasskeyRow, TotpRow, RecoveryCodeRow):
                await connection.execute(delete(table).where(table.account_id == account_id))

    async def upgrade_password_hash(self, account_id: str, old: str, new: str) -> None:
        """Replace `old` by a `new` hash of the same password, unless it has changed since."""
        await self._update(account_id, AccountRow.password_hash == old, password_hash=new)

    async def rename(self, account_id: str, display_name: str) -> None:
        """Change the display name."""
        await self._update(account_id, display_name=display_name)

    async def set_language(self, account_id: str, language: str) -> None:
        """Change the language of mail to the account."""
        await self._update(account_id, language=language)

    async def verify_email(self, account_id: str, email: str, now: int) -> Account | None:
        """Make `email` the account's verified address.

        Returns the account; None if it does not exist. Raises `email_taken`.
        """
        statement = (
            update(AccountRow)
            .where(AccountRow.id == account_id)
            .values(email=canonical(email), email_verified_at=now)
            .returning(*ACCOUNT_COLUMNS)
        )
        try:
            async with statements(self._engine) as connection:
                row = (await connection.execute(statement)).first()
        except IntegrityError as error:
            raise _email_taken() from error
        return Account(*row) if row else None

    async def page(self, search: str, limit: int, offset: int) -> tuple[list[Account], int]:
        """Return accounts with `search` in their address or name, newest first, and the total."""
        matches = or_(
            AccountRow.email.icontains(search, autoescape=True),
            AccountRow.display_name.icontains(search, autoescape=True),
        )
        lines = (
            select(*ACCOUNT_COLUMNS)
            .where(matches)
            .order_by(AccountRow.created_at.desc(), AccountRow.id)
            .limit(limit)
            .offset(offset)
        )
        async with statements(self._engine) as connection:
            rows = (await connection.execute(lines)).all()
            total = await connection.scalar(select(func.count(AccountRow.id)).where(matches))
        return [Account(*row) for row in rows], total or 0

    async def administer(
        self, account_id: str, *, role: str | None, disabled: bool | None, now: int
    ) -> Account | None:
        """Change the role, and lock or unlock the account; None leaves a property unchanged.

        Locking ends all sessions. Returns None if the account does not exist.
        """
        if not is_id(account_id):
            return None
        values: dict[str, Any] = {"id": account_id}  # never empty
        if role is not None:
            values["role"] = role
        if disabled is not None:
            values["disabled_at"] = now if disabled else None
        statement = (
            update(AccountRow)
            .where(AccountRow.id == account_id)
            .values(**values)
            .returning(*ACCOUNT_COLUMNS)
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(statement)).first()
            if disabled:
                await connection.execute(
                    delete(SessionRow).where(SessionRow.account_id == account_id)
                )
        return Account(*row) if row else None

    async def _update(self, account_id: str, *conditions: Any, **values: Any) -> None:
        statement = update(AccountRow).where(AccountRow.id == account_id, *conditions)
        async with statements(self._engine) as connection:
            await connection.execute(statement.values(**values))


def _email_taken() -> QuizrunError:
    return QuizrunError(
        ErrorCode.EMAIL_TAKEN, "There is already an account with this email address."
    )


def canonical(email: str) -> str:
    """Return the form in which email addresses are stored and compared."""
    return email.strip().lower()
