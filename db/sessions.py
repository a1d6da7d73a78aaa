"""Browser sessions of hosts, with rotating tokens.

The next token is valid as soon as it is issued, and replaces the current one when it is first used,
so that a lost response does not end the session. A replaced token remains valid for `GRACE_MS`, for
requests in flight. Any older token of the session is a sign of theft: the session is ended.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import case, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from db.accounts import ACCOUNT_COLUMNS, Account
from db.engine import statements
from db.ids import is_id
from db.tables import AccountRow, SessionRow

GRACE_MS = 60_000

Generation = Literal["current", "next", "previous", "used"]


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a request. `method` is how the account was authenticated."""

    address: str
    user_agent: str
    method: str = "password"


@dataclass(frozen=True, slots=True)
class Session:
    """A session, as listed for its owner. Times are epoch ms."""

    id: str
    created_at: int
    expires_at: int
    last_used_at: int | None
    method: str
    address: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class FoundSession:
    """A session with its account, and the generation of the token by which it was found."""

    session: Session
    account: Account
    generation: Generation


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
        """Store a new session, and delete the account's expired ones."""
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
        """Return the unexpired session of a token.

        `session_id` is part of the token; tokens of earlier releases lack it.
        """
        matches = SessionRow.id == session_id if session_id else SessionRow.token_hash == token_hash
        statement = (
            select(*_COLUMNS, *_HASHES, *ACCOUNT_COLUMNS)
            .join(AccountRow, AccountRow.id == SessionRow.account_id)
            .where(matches, SessionRow.expires_at > now, AccountRow.disabled_at.is_(None))
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
            _generation(token_hash, *hashes, now=now),
        )

    async def adopt(self, session_id: str, next_hash: bytes, now: int) -> None:
        """Make the next token the current one; idempotent."""
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
        self,
        session_id: str,
        token_hash: bytes,
        next_hashes: Sequence[bytes],
        expires_at: int,
        now: int,
    ) -> bytes | None:
        """Extend the session if `token_hash` is current; return the hash of its next token.

        That is the one of `next_hashes` that was offered before, else the first.
        """
        next_hash = case(
            (SessionRow.next_hash.in_(next_hashes), SessionRow.next_hash), else_=next_hashes[0]
        )
        statement = (
            update(SessionRow)
            .where(SessionRow.id == session_id, SessionRow.token_hash == token_hash)
            .values(next_hash=next_hash, expires_at=expires_at, last_used_at=now)
            .returning(SessionRow.next_hash)
        )
        async with statements(self._engine) as connection:
            return (await connection.execute(statement)).scalar()

    async def active(self, session_ids: Collection[str], now: int) -> set[str]:
        """Return which of the sessions have neither ended nor expired."""
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
        """Return the account's sessions, last used first."""
        statement = (
            select(*_COLUMNS)
            .where(SessionRow.account_id == account_id, SessionRow.expires_at > now)
            .order_by(SessionRow.last_used_at.desc().nulls_last(), SessionRow.created_at.desc())
            .limit(limit)
        )
        async with statements(self._engine) as connection:
            return [Session(*row) for row in await connection.execute(statement)]

    async def end(self, account_id: str, session_id: str) -> bool:
        """End a session of the account; return whether it existed."""
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
        """End the account's sessions except `keep`; return how many."""
        statement = delete(SessionRow).where(SessionRow.account_id == account_id)
        if keep is not None:
            statement = statement.where(SessionRow.id != keep)
        return await self._execute(statement)

    async def _execute(self, statement: Any) -> int:
        async with statements(self._engine) as connection:
            return int((await connection.execute(statement)).rowcount)


def _generation(
    used: bytes,
    current: bytes,
    following: bytes | None,
    previous: bytes | None,
    rotated_at: int | None,
    *,
    now: int,
) -> Generation:
    if hmac.compare_digest(used, current):
        return "current"
    if following is not None and hmac.compare_digest(used, following):
        return "next"
    in_grace = rotated_at is not None and now - rotated_at < GRACE_MS
    if previous is not None and in_grace and hmac.compare_digest(used, previous):
        return "previous"
    return "used"
