"""Tokens that are good once: links in mails, invitations. Only their hashes are stored."""

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
    """What a token stands for."""

    account_id: str
    details: dict[str, Any]


class OneTimeTokens:
    """The repository of one-time tokens; `purpose` keeps one kind from passing as another."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def issue(
        self, purpose: str, account_id: str, ttl_s: int, *, alone: bool = True, **details: Any
    ) -> str:
        """A fresh token. `alone`: earlier ones of the account for this purpose are void."""
        token, now = secrets.token_urlsafe(32), now_ms()
        async with transaction(self._engine) as connection:
            void = OneTimeTokenRow.expires_at <= now
            if alone:
                void |= OneTimeTokenRow.purpose == purpose
            await connection.execute(
                delete(OneTimeTokenRow).where(OneTimeTokenRow.account_id == account_id, void)
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
        """What the token stands for; it stays good. Raises `link_expired`."""
        return await self._found(
            select(OneTimeTokenRow.account_id, OneTimeTokenRow.details).where(
                *_good(purpose, token)
            )
        )

    async def attempt(self, purpose: str, token: str, limit: int) -> OneTimeToken:
        """What the token stands for, which can be asked `limit` times; `details["tries"]` counts.

        Raises `link_expired`.
        """
        tries = func.coalesce(OneTimeTokenRow.details["tries"].as_integer(), 0)
        counted = OneTimeTokenRow.details.concat(func.jsonb_build_object("tries", tries + 1))
        return await self._found(
            update(OneTimeTokenRow)
            .where(*_good(purpose, token), tries < limit)
            .values(details=counted)
            .returning(OneTimeTokenRow.account_id, OneTimeTokenRow.details)
        )

    async def use(self, purpose: str, token: str) -> OneTimeToken:
        """What the token stands for, which nobody can use again. Raises `link_expired`."""
        return await self._found(
            delete(OneTimeTokenRow)
            .where(*_good(purpose, token))
            .returning(OneTimeTokenRow.account_id, OneTimeTokenRow.details)
        )

    async def void(self, purpose: str, account_id: str) -> None:
        """Drop the account's tokens for this purpose."""
        async with statements(self._engine) as connection:
            await connection.execute(
                delete(OneTimeTokenRow).where(
                    OneTimeTokenRow.account_id == account_id, OneTimeTokenRow.purpose == purpose
                )
            )

    async def _found(self, statement: Any) -> OneTimeToken:
        async with statements(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        if row is None:
            raise QuizrunError(
                ErrorCode.LINK_EXPIRED, "This link has expired or has been used already."
            )
        return OneTimeToken(*row)


def _good(purpose: str, token: str) -> tuple[Any, ...]:
    return (
        OneTimeTokenRow.token_hash == token_hash(token),
        OneTimeTokenRow.purpose == purpose,
        OneTimeTokenRow.expires_at > now_ms(),
    )
