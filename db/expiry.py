"""Deletion of expired sessions, links, invitations, account events and acts."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from db.audit import AuditLog
from db.engine import statements
from db.tables import AccountEventRow, InvitationRow, OneTimeTokenRow, SessionRow

DAY_MS = 86_400_000


class ExpiredRows:
    """Deletes expired rows: account events after `log_days`, the audit log after `audit_days`."""

    def __init__(self, engine: AsyncEngine, log_days: int, audit_days: int) -> None:
        self._engine = engine
        self._log_days = log_days
        self._audit_days = audit_days

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
        await AuditLog(self._engine).purge(now, self._audit_days)
