"""The queue of outgoing mail, and the inbox that shows mail on stacks without a mail server."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements
from db.ids import new_id
from db.tables import InboxMailRow, OutgoingMailRow
from telemetry.clock import now_ms

LEASE_MS = 120_000
"""How long a gateway may take to send a mail that it claimed, before another gateway tries."""
INBOX_RETENTION_MS = 7 * 86_400_000


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """A mail to send. `attempts` includes this one; `sealed` has the encrypted template values."""

    id: str
    recipient: str
    template: str
    language: str
    sealed: bytes
    created_at: int
    attempts: int


@dataclass(frozen=True, slots=True)
class InboxMail:
    """A rendered mail; `at` is epoch ms."""

    id: str
    recipient: str
    subject: str
    text: str
    html: str
    at: int


# SKIP LOCKED: gateways that send at the same time claim different mails.
_CLAIM = text("""
    UPDATE outgoing_mail SET due_at = :retry_at, attempts = attempts + 1
    WHERE id IN (
        SELECT id FROM outgoing_mail WHERE due_at <= :now
        ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    RETURNING id, recipient, template, language, sealed, created_at, attempts
""").bindparams(bindparam("limit"))


class OutgoingMail:
    """The queue of outgoing mail."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, recipient: str, template: str, language: str, sealed: bytes) -> None:
        """Queue a mail."""
        now = now_ms()
        async with statements(self._engine) as connection:
            await connection.execute(
                insert(OutgoingMailRow).values(
                    id=new_id(),
                    recipient=recipient,
                    template=template,
                    language=language,
                    sealed=sealed,
                    created_at=now,
                    due_at=now,
                )
            )

    async def claim(self, now: int, limit: int) -> list[WaitingMail]:
        """Claim mails that are due; no other gateway gets them for `LEASE_MS`."""
        values = {"now": now, "retry_at": now + LEASE_MS, "limit": limit}
        async with statements(self._engine) as connection:
            return [WaitingMail(*row) for row in await connection.execute(_CLAIM, values)]

    async def drop(self, mail_id: str) -> None:
        """Remove a mail that was sent, or cannot be sent."""
        async with statements(self._engine) as connection:
            await connection.execute(delete(OutgoingMailRow).where(OutgoingMailRow.id == mail_id))

    async def postpone(self, mail_id: str, due_at: int) -> None:
        """Retry a mail at `due_at` (epoch ms)."""
        async with statements(self._engine) as connection:
            await connection.execute(
                update(OutgoingMailRow).where(OutgoingMailRow.id == mail_id).values(due_at=due_at)
            )


class Inbox:
    """The repository of mail that is shown on a page instead of being sent."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def put(self, mail: InboxMail) -> None:
        """Store a mail for a week; idempotent."""
        async with statements(self._engine) as connection:
            await connection.execute(
                delete(InboxMailRow).where(InboxMailRow.at <= mail.at - INBOX_RETENTION_MS)
            )
            await connection.execute(
                upsert(InboxMailRow)
                .values(
                    id=mail.id,
                    recipient=mail.recipient,
                    subject=mail.subject,
                    text=mail.text,
                    html=mail.html,
                    at=mail.at,
                )
                .on_conflict_do_nothing(index_elements=["id"])
            )

    async def latest(self, limit: int) -> list[InboxMail]:
        """Return the latest mails, newest first."""
        statement = select(
            InboxMailRow.id,
            InboxMailRow.recipient,
            InboxMailRow.subject,
            InboxMailRow.text,
            InboxMailRow.html,
            InboxMailRow.at,
        )
        async with statements(self._engine) as connection:
            rows = await connection.execute(statement.order_by(InboxMailRow.at.desc()).limit(limit))
            return [InboxMail(*row) for row in rows]
