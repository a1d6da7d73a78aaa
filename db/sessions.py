"""Browser sessions of hosts, and the tokens that stand for them.

A session's token is renewed again and again. The next token is good as soon as it is issued, and
replaces the current one when it is first used: a response that is lost ends no session. The
replaced token stays good for `GRACE_MS`, for requests that are under way. Any other token of the
session has been used before: somebody has copied it, and the session ends.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from db.accounts import ACCOUNT_COLUMNS, Account
from db.engine import statements
from db.ids import is_id
from db.tables import AccountRow, SessionRow

GRACE_MS = 60_000

Standing = Literal["current", "next", "previous", "used"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from. `method` is how its account proved who they are."""

    address: str
    user_agent: str
    method: str = "password"


@dataclass(frozen=True, slots=True)
class Session:
    """A session as its owner sees it in a list. Times are epoch milliseconds."""

    id: str
    created_at: int
    expires_at: int
    last_used_at: int | None
    method: str
    address: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class FoundSession:
    """A session, whose it is, and how the token stands that led to it."""

    session: Session
    account: Account
    standing: Standing


_COLUMNS = (
    SessionRow.id,
    SessionRow.created_at,
    SessionRow.expires_at,
    SessionRow.last_used_at,
    SessionRow.method,
    SessionRow.address,
    SessionRow.user_agent,
)
_HASHES = (
    SessionRow.token_hash,
    SessionRow.next_hash,
    SessionRow.previous_hash,
    SessionRow.rotated_at,
)


class Sessions:
    """The repository of sessions."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(
        self, session: Session, account_id: str, token_hash: bytes, next_hash: bytes | None = None
    ) -> None:
        """Store a new session; the account's expired ones are dropped."""
        async with statements(self._engine) as connection:
            await connection.execute(
                delete(SessionRow).where(
                    SessionRow.account_id == account_id,
                    SessionRow.expires_at <= session.created_at,
                )
            )
            await connection.execute(
                insert(SessionRow).values(
                    id=session.id,
                    token_hash=token_hash,
                    next_hash=next_hash,
                    account_id=account_id,
                    created_at=session.created_at,
                    expires_at=session.expires_at,
                    last_used_at=session.last_used_at,
                    method=session.method,
                    address=session.address,
                    user_agent=session.user_agent,
                )
            )

    async def find(
        self, token_hash: bytes, session_id: str | None, now: int
    ) -> FoundSession | None:
        """The session of a token that has not expired at `now`.

        `session_id` is what the token itself says; tokens of earlier releases say nothing.
        """
        ours = SessionRow.id == session_id if session_id else SessionRow.token_hash == token_hash
        statement = (
            select(*_COLUMNS, *_HASHES, *ACCOUNT_COLUMNS)
            .join(AccountRow, AccountRow.id == SessionRow.account_id)
            .where(ours, SessionRow.expires_at > now, AccountRow.disabled_at.is_(None))
        )
        async with statements(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        if row is None:
            return None
        values = tuple(row)
        hashes = values[len(_COLUMNS) :][: len(_HASHES)]
        return FoundSession(
            Session(*values[: len(_COLUMNS)]),
            Account(*values[len(_COLUMNS) + len(_HASHES) :]),
            _standing(token_hash, *hashes, now=now),
        )

    async def adopt(self, session_id: str, next_hash: bytes, now: int) -> None:
        """Make the next token the current one; nothing happens if it is already."""
        statement = (
            update(SessionRow)
            .where(SessionRow.id == session_id, SessionRow.next_hash == next_hash)
            .values(
                previous_hash=SessionRow.token_hash,
                token_hash=SessionRow.next_hash,
                next_hash=None,
                rotated_at=now,
            )
        )
        await self._execute(statement)

    async def offer(
        self, session_id: str, token_hash: bytes, next_hash: bytes, expires_at: int, now: int
    ) -> bool:
        """Accept `next_hash`, too, if `token_hash` is the current token; whether it is."""
        statement = (
            update(SessionRow)
            .where(SessionRow.id == session_id, SessionRow.token_hash == token_hash)
            .values(next_hash=next_hash, expires_at=expires_at, last_used_at=now)
        )
        return bool(await self._execute(statement))

    async def living(self, session_ids: Collection[str], now: int) -> set[str]:
        """Those of the sessions that have neither ended nor expired at `now`."""
        statement = (
            select(SessionRow.id)
            .join(AccountRow, AccountRow.id == SessionRow.account_id)
            .where(
                SessionRow.id.in_([item for item in session_ids if is_id(item)]),
                SessionRow.expires_at > now,
                AccountRow.disabled_at.is_(None),
            )
        )
        async with statements(self._engine) as connection:
            return set((await connection.execute(statement)).scalars())

    async def of_account(self, account_id: str, now: int, limit: int = 100) -> list[Session]:
        """The account's sessions, the one used last first."""
        statement = (
            select(*_COLUMNS)
            .where(SessionRow.account_id == account_id, SessionRow.expires_at > now)
            .order_by(SessionRow.last_used_at.desc().nulls_last(), SessionRow.created_at.desc())
            .limit(limit)
        )
        async with statements(self._engine) as connection:
            return [Session(*row) for row in await connection.execute(statement)]

    async def end(self, account_id: str, session_id: str) -> bool:
        """End a session of the account; whether there was one."""
        if not is_id(session_id):
            return False
        return bool(
            await self._execute(
                delete(SessionRow).where(
                    SessionRow.account_id == account_id, SessionRow.id == session_id
                )
            )
        )

    async def end_all(self, account_id: str, *, keep: str | None = None) -> int:
        """End the account's sessions, but for `keep`; how many those were."""
        statement = delete(SessionRow).where(SessionRow.account_id == account_id)
        if keep is not None:
            statement = statement.where(SessionRow.id != keep)
        return await self._execute(statement)

    async def _execute(self, statement: Any) -> int:
        async with statements(self._engine) as connection:
            return int((await connection.execute(statement)).rowcount)


def _standing(
    found: bytes,
    current: bytes,
    following: bytes | None,
    previous: bytes | None,
    rotated_at: int | None,
    *,
    now: int,
) -> Standing:
    if hmac.compare_digest(found, current):
        return "current"
    if following is not None and hmac.compare_digest(found, following):
        return "next"
    in_time = rotated_at is not None and now - rotated_at < GRACE_MS
    if previous is not None and in_time and hmac.compare_digest(found, previous):
        return "previous"
    return "used"
