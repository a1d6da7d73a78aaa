"""API tokens of accounts, stored as hashes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from db.acting import on
from db.engine import statements
from db.ids import is_id, new_id
from db.tables import AccountRow, ApiTokenRow
from quiz.errors import ErrorCode, QuizrunError

MAX_PER_ACCOUNT = 50
USE_RECORDED_EVERY_MS = 60_000


@dataclass(frozen=True, slots=True)
class ApiToken:
    """An API token. `hint` is its end, to tell tokens apart. Times are epoch ms."""

    id: str
    account_id: str
    name: str
    hint: str
    scopes: list[str]
    created_at: int
    expires_at: int | None
    last_used_at: int | None


_COLUMNS = (
    ApiTokenRow.id,
    ApiTokenRow.account_id,
    ApiTokenRow.name,
    ApiTokenRow.hint,
    ApiTokenRow.scopes,
    ApiTokenRow.created_at,
    ApiTokenRow.expires_at,
    ApiTokenRow.last_used_at,
)


class ApiTokens:
    """The repository of API tokens."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(
        self,
        account_id: str,
        token_hash: bytes,
        name: str,
        hint: str,
        scopes: Collection[str],
        now: int,
        expires_at: int | None,
    ) -> ApiToken:
        """Store a new token. Raises `command_not_allowed` beyond `MAX_PER_ACCOUNT`."""
        token = ApiToken(new_id(), account_id, name, hint, sorted(scopes), now, expires_at, None)
        on("api_token", token.id)
        count = select(func.count()).where(ApiTokenRow.account_id == account_id)
        async with statements(self._engine) as connection:
            if (await connection.execute(count)).scalar_one() >= MAX_PER_ACCOUNT:
                raise QuizrunError(
                    ErrorCode.COMMAND_NOT_ALLOWED,
                    f"An account can have {MAX_PER_ACCOUNT} API tokens. Delete one first.",
                )
            await connection.execute(
                insert(ApiTokenRow).values(
                    id=token.id,
                    account_id=account_id,
                    token_hash=token_hash,
                    name=name,
                    hint=hint,
                    scopes=token.scopes,
                    created_at=now,
                    expires_at=expires_at,
                )
            )
        return token

    async def find(self, token_hash: bytes, now: int) -> ApiToken | None:
        """Return the valid token with this hash; record its use, at most once a minute."""
        return await self._use(ApiTokenRow.token_hash == token_hash, now)

    async def by_id(self, token_id: str, now: int) -> ApiToken | None:
        """Return the valid token with this id."""
        return await self._use(ApiTokenRow.id == token_id, now) if is_id(token_id) else None

    async def active(self, token_ids: Collection[str], now: int) -> set[str]:
        """Return which of the tokens are valid."""
        ids = [item for item in token_ids if is_id(item)]
        statement = select(ApiTokenRow.id).where(ApiTokenRow.id.in_(ids), *_valid(now))
        async with statements(self._engine) as connection:
            return set((await connection.execute(statement)).scalars())

    async def of_account(self, account_id: str) -> list[ApiToken]:
        """Return the account's tokens, newest first, including expired ones."""
        statement = (
            select(*_COLUMNS)
            .where(ApiTokenRow.account_id == account_id)
            .order_by(ApiTokenRow.created_at.desc())
        )
        async with statements(self._engine) as connection:
            return [ApiToken(*row) for row in await connection.execute(statement)]

    async def delete(self, account_id: str, token_id: str) -> bool:
        """Revoke a token of the account; return whether it existed."""
        if not is_id(token_id):
            return False
        statement = delete(ApiTokenRow).where(
            ApiTokenRow.account_id == account_id, ApiTokenRow.id == token_id
        )
        async with statements(self._engine) as connection:
            return bool((await connection.execute(statement)).rowcount)

    async def _use(self, which: ColumnElement[bool], now: int) -> ApiToken | None:
        async with statements(self._engine) as connection:
            found = select(*_COLUMNS).where(which, *_valid(now))
            row = (await connection.execute(found)).first()
            if row is None:
                return None
            token = ApiToken(*row)
            if token.last_used_at is None or token.last_used_at <= now - USE_RECORDED_EVERY_MS:
                await connection.execute(
                    update(ApiTokenRow).where(ApiTokenRow.id == token.id).values(last_used_at=now)
                )
        return token


def _valid(now: int) -> tuple[ColumnElement[bool], ...]:
    return (
        AccountRow.id == ApiTokenRow.account_id,
        AccountRow.disabled_at.is_(None),
        or_(ApiTokenRow.expires_at.is_(None), ApiTokenRow.expires_at > now),
    )
