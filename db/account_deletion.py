"""Deletion of accounts, with their runs, quizzes and files, after a grace period."""

from __future__ import annotations

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements, transaction
from db.operator_actions import record
from db.retention import Retention, RetentionPeriods
from db.tables import AccountRow, RunRow

OPERATOR = "account owner"

_DUE = select(AccountRow.id).where(AccountRow.delete_at.is_not(None))
# A quiz that others have run is kept for their reports: one of them becomes the owner, and it is
# hidden.
_HAND_OVER = text("""
    UPDATE quizzes SET deleted_at = coalesce(deleted_at, :now), owner_id = (
        SELECT host_id FROM runs
        WHERE runs.quiz_id = quizzes.id AND host_id <> :account ORDER BY created_at DESC LIMIT 1
    )
    WHERE owner_id = :account AND EXISTS (
        SELECT FROM runs WHERE runs.quiz_id = quizzes.id AND host_id <> :account
    )
""")
_OWN_QUIZZES = "SELECT id FROM quizzes WHERE owner_id = :account"
_DELETE = [
    text(f"DELETE FROM quiz_drafts WHERE quiz_id IN ({_OWN_QUIZZES})"),  # noqa: S608  (constants only)
    text(f"DELETE FROM quiz_versions WHERE quiz_id IN ({_OWN_QUIZZES})"),  # noqa: S608
    text("DELETE FROM quizzes WHERE owner_id = :account"),
    text("DELETE FROM idempotency_keys WHERE scope LIKE :account || '%'"),
    text("""
        WITH mine AS (DELETE FROM media_owners WHERE account_id = :account RETURNING media_id)
        DELETE FROM media WHERE id IN (SELECT media_id FROM mine) AND NOT EXISTS (
            SELECT FROM media_owners WHERE media_id = media.id AND account_id <> :account
        )
    """),
    text("DELETE FROM accounts WHERE id = :account"),
]


class AccountDeletion:
    """Schedules account deletions, and executes those that are due."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def schedule(self, account_id: str, delete_at: int | None) -> None:
        """Schedule the deletion at `delete_at` (epoch ms); None cancels it."""
        async with statements(self._engine) as connection:
            await connection.execute(
                update(AccountRow).where(AccountRow.id == account_id).values(delete_at=delete_at)
            )

    async def delete_due(self, now: int) -> int:
        """Delete the accounts that are due; return how many. Raises `unavailable`.

        An interrupted deletion is completed by the next call. An account with a live run is kept
        until the run ends.
        """
        async with statements(self._engine) as connection:
            due = (await connection.execute(_DUE.where(AccountRow.delete_at <= now))).scalars()
            accounts = list(due)
        return sum([await self._delete(account_id, now) for account_id in accounts])

    async def _delete(self, account_id: str, now: int) -> bool:
        mine = RunRow.host_id == account_id
        async with statements(self._engine) as connection:
            live = select(RunRow.id).where(mine, RunRow.finished_at.is_(None)).limit(1)
            if (await connection.execute(live)).first():
                return False
            runs = (await connection.execute(select(RunRow.id).where(mine))).scalars().all()
        retention = Retention(self._engine, RetentionPeriods())
        for run_id in runs:
            await retention.delete_run(run_id, OPERATOR)
        async with transaction(self._engine) as connection:
            due = _DUE.where(AccountRow.id == account_id, AccountRow.delete_at <= now)
            if (await connection.execute(due.with_for_update())).first() is None:
                return False  # cancelled by the owner, or deleted by another process
            values = {"account": account_id, "now": now}
            await connection.execute(_HAND_OVER, values)
            for statement in _DELETE:
                await connection.execute(statement, {"account": account_id})
            await record(connection, OPERATOR, "delete_account", None, "deleted")
        return True
