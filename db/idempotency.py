"""Idempotency keys: a repeated request is executed once and gets the same response."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.engine import statements
from db.quotas import add, spend
from quiz.errors import ErrorCode, QuizrunError
from quiz.quotas import UNLIMITED

ABANDONED_MS = 60_000
"""A request without a response for this long is assumed to have died with its process."""
RETENTION_MS = 24 * 3_600_000
"""How long a response is kept."""


KEY_BYTES = 1_000
"""What a key counts for beside its response."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whose quota a response counts for, and how much may be stored in a day (0: unlimited)."""

    id: str
    most_bytes: int


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """The stored response to the first request."""

    status: int
    body: bytes


# One atomic statement claims the key, if it is new, abandoned or expired.
_BEGIN = text("""
    INSERT INTO idempotency_keys AS k (scope, key, fingerprint, created_at)
    VALUES (:scope, :key, :fingerprint, :now)
    ON CONFLICT (scope, key) DO UPDATE
        SET created_at = :now, fingerprint = :fingerprint, status = NULL, body = NULL
        WHERE (k.status IS NULL AND k.fingerprint = :fingerprint AND k.created_at <= :abandoned)
           OR k.created_at <= :expired
    RETURNING scope
""")
_FIND = text("""
    SELECT fingerprint, status, body FROM idempotency_keys WHERE scope = :scope AND key = :key
""")
_COMPLETE = text("""
    UPDATE idempotency_keys SET status = :status, body = :body
    WHERE scope = :scope AND key = :key AND status IS NULL
""")
_RELEASE = text("""
    DELETE FROM idempotency_keys WHERE scope = :scope AND key = :key AND status IS NULL
""")
_PURGE = text("DELETE FROM idempotency_keys WHERE created_at <= :expired")


class IdempotencyKeys:
    """The repository of idempotency keys; `scope` is the account and the operation."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def begin(
        self, scope: str, key: str, fingerprint: str, now: int, account: Account | None = None
    ) -> StoredResponse | None:
        """Claim a key. None: execute the request, then `complete` or `release`; else the response.

        Raises `request_in_progress`, `idempotency_key_reused` if `fingerprint`, a hash of the
        request's content, differs from that of the first request, and `too_many_requests` if the
        account has no room for another response.
        """
        values = {
            "scope": scope,
            "key": key,
            "fingerprint": fingerprint,
            "now": now,
            "abandoned": now - ABANDONED_MS,
            "expired": now - RETENTION_MS,
        }
        async with statements(self._engine) as connection:
            if (await connection.execute(_BEGIN, values)).first() is not None:
                if account is not None:
                    await self._spend(connection, account, scope, key, now)
                return None
            row = (await connection.execute(_FIND, {"scope": scope, "key": key})).first()
        if row is not None and row.fingerprint != fingerprint:
            raise QuizrunError(
                ErrorCode.IDEMPOTENCY_KEY_REUSED,
                "This Idempotency-Key was used for a different request.",
            )
        if row is None or row.status is None:  # None: released just now
            raise QuizrunError(
                ErrorCode.REQUEST_IN_PROGRESS, "The first request with this key is in progress."
            )
        return StoredResponse(row.status, row.body)

    async def complete(
        self, scope: str, key: str, status: int, body: bytes, account: Account | None = None
    ) -> None:
        """Store the response, unless there is one."""
        values = {"scope": scope, "key": key, "status": status, "body": body}
        async with statements(self._engine) as connection:
            await connection.execute(_COMPLETE, values)
            if account is not None and account.most_bytes != UNLIMITED:
                await add(connection, account.id, "stored_replies", len(body))

    async def release(self, scope: str, key: str) -> None:
        """Release the key of a request that failed but may succeed if repeated."""
        async with statements(self._engine) as connection:
            await connection.execute(_RELEASE, {"scope": scope, "key": key})

    async def _spend(
        self, connection: AsyncConnection, account: Account, scope: str, key: str, now: int
    ) -> None:
        try:
            await spend(
                connection, account.id, "stored_replies", account.most_bytes, now, KEY_BYTES
            )
        except QuizrunError:
            await connection.execute(_RELEASE, {"scope": scope, "key": key})
            raise

    async def purge(self, now: int) -> None:
        """Delete expired keys."""
        async with statements(self._engine) as connection:
            await connection.execute(_PURGE, {"expired": now - RETENTION_MS})
