"""Deletion of expired sessions, links, invitations and account events."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements
from db.tables import AccountEventRow, InvitationRow, OneTimeTokenRow, SessionRow

DAY_MS = 86_400_000


class ExpiredRows:
    """Deletes expired rows; account events after `log_days`."""

    def __init__(self, engine: AsyncEngine, log_days: int) -> None:
        self._engine = engine
        self._log_days = log_days

    async def purge(self, now: int) -> None:
        """Delete expired rows. Raises `unavailable`."""
        oldest = now - self._log_days * DAY_MS
        async with statements(self._engine) as connection:
            for statement in (
                delete(SessionRow).where(SessionRow.expires_at <= now),
                delete(OneTimeTokenRow).where(OneTimeTokenRow.expires_at <= now),
                delete(InvitationRow).where(InvitationRow.expires_at <= now),
                delete(AccountEventRow).where(AccountEventRow.at < oldest),
            ):
                await connection.execute(statement)
