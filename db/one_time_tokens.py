"""One-time tokens, such as links in mail. They are stored as hashes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements, transaction
from db.hashes import token_hash
from db.tables import OneTimeTokenRow
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms


@dataclass(frozen=True, slots=True)
class OneTimeToken:
    """The account and the details for which a token was issued."""

    account_id: str
    details: dict[str, Any]


class OneTimeTokens:
    """The repository of one-time tokens. A token is valid only for its `purpose`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def issue(
        self, purpose: str, account_id: str, ttl_s: int, *, alone: bool = True, **details: Any
    ) -> str:
        """Issue a token. `alone` revokes the account's earlier tokens for this purpose."""
        token, now = secrets.token_urlsafe(32), now_ms()
        async with transaction(self._engine, is_act=False) as connection:
            obsolete = OneTimeTokenRow.expires_at <= now
            if alone:
                obsolete |= OneTimeTokenRow.purpose == purpose
            await connection.execute(
                delete(OneTimeTokenRow).where(OneTimeTokenRow.account_id == account_id, obsolete)
            )
            await connection.execute(
                insert(OneTimeTokenRow).values(
                    token_hash=token_hash(token),
                    purpose=purpose,
                    account_id=account_id,
                    details=details,
                    created_at=now,
                    expires_at=now + ttl_s * 1000,
                )
            )
        return token

    async def look_up(self, purpose: str, token: str) -> OneTimeToken:
        """Return the token's data without using it up. Raises `link_expired`."""
        return await self._fetch(
            select(OneTimeTokenRow.account_id, OneTimeTokenRow.details).where(
                *_valid(purpose, token)
            )
        )

    async def attempt(self, purpose: str, token: str, limit: int) -> OneTimeToken:
        """Return the token's data, at most `limit` times; `details["tries"]` counts the attempts.

        Raises `link_expired`.
        """
        tries = func.coalesce(OneTimeTokenRow.details["tries"].as_integer(), 0)
        counted = OneTimeTokenRow.details.concat(func.jsonb_build_object("tries", tries + 1))
        return await self._fetch(
            update(OneTimeTokenRow)
            .where(*_valid(purpose, token), tries < limit)
            .values(details=counted)
            .returning(OneTimeTokenRow.account_id, OneTimeTokenRow.details)
        )

    async def use(self, purpose: str, token: str) -> OneTimeToken:
        """Return the token's data and use the token up. Raises `link_expired`."""
        return await self._fetch(
            delete(OneTimeTokenRow)
            .where(*_valid(purpose, token))
            .returning(OneTimeTokenRow.account_id, OneTimeTokenRow.details)
        )

    async def revoke(self, purpose: str, account_id: str) -> None:
        """Revoke the account's tokens for this purpose."""
        async with statements(self._engine, is_act=False) as connection:
            await connection.execute(
                delete(OneTimeTokenRow).where(
                    OneTimeTokenRow.account_id == account_id, OneTimeTokenRow.purpose == purpose
                )
            )

    async def _fetch(self, statement: Any) -> OneTimeToken:
        async with statements(self._engine, is_act=False) as connection:
            row = (await connection.execute(statement)).first()
        if row is None:
            raise QuizrunError(
                ErrorCode.LINK_EXPIRED, "This link has expired or has already been used."
            )
        return OneTimeToken(*row)


def _valid(purpose: str, token: str) -> tuple[Any, ...]:
    return (
        OneTimeTokenRow.token_hash == token_hash(token),
        OneTimeTokenRow.purpose == purpose,
        OneTimeTokenRow.expires_at > now_ms(),
    )
