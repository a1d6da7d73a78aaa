"""What accounts have used of their quotas.

What there is, such as quizzes, is counted under a lock on the account's row. What is used in a
period is a counter, which one statement raises only as far as the limit. Admins have no limits.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.engine import statements
from quiz.quotas import PERIODS_MS, UNLIMITED, QuotaName, Quotas, quota_reached

_LOCK_ACCOUNT = text("SELECT role FROM accounts WHERE id = :account FOR NO KEY UPDATE")
_ROLE = text("SELECT role FROM accounts WHERE id = :account")
_SPEND = text("""
    INSERT INTO quota_usage AS u (account_id, quota, since, used)
    VALUES (:account, :quota, :now, :amount)
    ON CONFLICT (account_id, quota) DO UPDATE
        SET since = CASE WHEN u.since <= :expired THEN :now ELSE u.since END,
            used = :amount + CASE WHEN u.since <= :expired THEN 0 ELSE u.used END
        WHERE u.since <= :expired OR u.used + :amount <= :most
    RETURNING used
""")
_ADD = text("""
    UPDATE quota_usage SET used = used + :amount WHERE account_id = :account AND quota = :quota
""")
_USED = text("""
    SELECT quota, since, used FROM quota_usage WHERE account_id = :account
""")
_PRESENT = text("""
    SELECT (SELECT count(*) FROM runs WHERE host_id = :account AND finished_at IS NULL)
               AS live_runs,
           (SELECT count(*) FROM quizzes WHERE owner_id = :account AND deleted_at IS NULL)
               AS quizzes
""")
ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """How much of a quota is used; `resets_at` (epoch ms) if it is one for a period."""

    quota: QuotaName
    used: int
    most: int
    resets_at: int | None = None


async def is_exempt(connection: AsyncConnection, account_id: str) -> bool:
    """Lock the account until the end of the transaction; return whether it has no limits."""
    return bool(await connection.scalar(_LOCK_ACCOUNT, {"account": account_id}) == ADMIN)


async def spend(
    connection: AsyncConnection,
    account_id: str,
    quota: QuotaName,
    most: int,
    now: int,
    amount: int = 1,
) -> None:
    """Use `amount` of a quota for a period. Raises its error if it is used up.

    Without a limit nothing is counted.
    """
    if most == UNLIMITED:
        return
    values = {
        "account": account_id,
        "quota": quota,
        "now": now,
        "amount": amount,
        "most": most,
        "expired": now - PERIODS_MS[quota],
    }
    if await connection.scalar(_SPEND, values) is None:
        raise quota_reached(quota, most)


async def add(connection: AsyncConnection, account_id: str, quota: QuotaName, amount: int) -> None:
    """Count what has been used already, even beyond the limit."""
    values = {"account": account_id, "quota": quota, "amount": amount}
    await connection.execute(_ADD, values)


class QuotaUsage:
    """The repository of what accounts have used."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def spend(self, account_id: str, quota: QuotaName, most: int, now: int) -> None:
        """Use one of a quota for a period. Raises its error if it is used up."""
        if most == UNLIMITED:
            return
        async with statements(self._engine) as connection:
            if await connection.scalar(_ROLE, {"account": account_id}) != ADMIN:
                await spend(connection, account_id, quota, most, now)

    async def of(self, account_id: str, quotas: Quotas, now: int) -> list[QuotaUse]:
        """Return what the account has used of each quota."""
        mine = {"account": account_id}
        async with statements(self._engine) as connection:
            counted = {row.quota: row for row in await connection.execute(_USED, mine)}
            present = (await connection.execute(_PRESENT, mine)).one()
        uses = [
            QuotaUse("live_runs", present.live_runs, quotas.live_runs),
            QuotaUse("quizzes", present.quizzes, quotas.quizzes),
        ]
        for quota, period_ms in PERIODS_MS.items():
            row = counted.get(quota)
            if row is None or row.since <= now - period_ms:
                uses.append(QuotaUse(quota, 0, quotas.most(quota)))
            else:
                uses.append(QuotaUse(quota, row.used, quotas.most(quota), row.since + period_ms))
        return uses
