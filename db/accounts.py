"""Hosts and their browser sessions."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements, transaction
from db.ids import is_id, new_id
from db.tables import AccountRow, SessionRow
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms


@dataclass(frozen=True, slots=True)
class Account:
    """A host. `password_hash` is empty for those who sign in elsewhere."""

    id: str
    email: str
    display_name: str
    password_hash: str
    created_at: int


_COLUMNS = (
    AccountRow.id,
    AccountRow.email,
    AccountRow.display_name,
    AccountRow.password_hash,
    AccountRow.created_at,
)


class Accounts:
    """The repository of accounts and sessions."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(self, email: str, display_name: str, password_hash: str) -> Account:
        """A new account; `email` is kept in lower case. Raises `email_taken`."""
        account = Account(new_id(), _canonical(email), display_name, password_hash, now_ms())
        statement = (
            upsert(AccountRow)
            .values(
                id=account.id,
                email=account.email,
                display_name=account.display_name,
                password_hash=account.password_hash,
                created_at=account.created_at,
            )
            .on_conflict_do_nothing(index_elements=["email"])
            .returning(AccountRow.id)
        )
        async with statements(self._engine) as connection:
            if (await connection.execute(statement)).first() is None:
                raise QuizrunError(
                    ErrorCode.EMAIL_TAKEN, "There is already an account with this email address."
                )
        return account

    async def by_email(self, email: str) -> Account | None:
        """The account with this address, in whatever case it is written."""
        statement = select(*_COLUMNS).where(AccountRow.email == _canonical(email))
        async with statements(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        return Account(*row) if row else None

    async def by_id(self, account_id: str) -> Account | None:
        """The account with this id."""
        if not is_id(account_id):
            return None
        statement = select(*_COLUMNS).where(AccountRow.id == account_id)
        async with statements(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        return Account(*row) if row else None

    async def set_password(self, account_id: str, password_hash: str) -> None:
        """Change the password of an account and end all its sessions."""
        async with transaction(self._engine) as connection:
            await connection.execute(
                update(AccountRow)
                .where(AccountRow.id == account_id)
                .values(password_hash=password_hash)
            )
            await connection.execute(delete(SessionRow).where(SessionRow.account_id == account_id))

    async def create_session(self, account_id: str, token_hash: bytes, expires_at: int) -> None:
        """Remember a session until `expires_at`; the account's expired ones are dropped."""
        now = now_ms()
        async with statements(self._engine) as connection:
            await connection.execute(
                delete(SessionRow).where(
                    SessionRow.account_id == account_id, SessionRow.expires_at <= now
                )
            )
            await connection.execute(
                insert(SessionRow).values(
                    token_hash=token_hash,
                    account_id=account_id,
                    expires_at=expires_at,
                    created_at=now,
                )
            )

    async def session_account(self, token_hash: bytes, now: int) -> Account | None:
        """Whose session this is, None when it has expired at `now` or never was."""
        statement = (
            select(*_COLUMNS)
            .join(SessionRow, SessionRow.account_id == AccountRow.id)
            .where(SessionRow.token_hash == token_hash, SessionRow.expires_at > now)
        )
        async with statements(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        return Account(*row) if row else None

    async def delete_session(self, token_hash: bytes) -> None:
        """Forget a session; no harm if there is none."""
        async with statements(self._engine) as connection:
            await connection.execute(delete(SessionRow).where(SessionRow.token_hash == token_hash))


def _canonical(email: str) -> str:
    return email.strip().lower()
