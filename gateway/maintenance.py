"""Periodic maintenance jobs. Safe to run in several gateways at once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping

import structlog

from db.account_deletion import AccountDeletion
from db.expiry import ExpiredRows
from db.idempotency import IdempotencyKeys
from db.retention import Retention
from quiz.errors import QuizrunError
from telemetry.clock import now_ms

INTERVAL_S = 600.0

Job = Callable[[int], Awaitable[None]]
"""Takes the current time in epoch milliseconds."""

_log = structlog.get_logger()


def maintenance_jobs(
    keys: IdempotencyKeys, expired: ExpiredRows, retention: Retention, accounts: AccountDeletion
) -> dict[str, Job]:
    """Return the jobs by name."""

    async def apply_retention(now: int) -> None:
        done = await retention.apply(now)
        if done.anonymised or done.deleted:
            _log.info("retention.applied", anonymised=done.anonymised, deleted=done.deleted)

    async def delete_accounts(now: int) -> None:
        if gone := await accounts.delete_due(now):
            _log.info("accounts.deleted", deleted=gone)

    return {
        "idempotency_keys": keys.purge,
        "expired_rows": expired.purge,
        "retention": apply_retention,
        "accounts": delete_accounts,
    }


async def run_periodically(jobs: Mapping[str, Job], *, every_s: float = INTERVAL_S) -> None:
    """Run each job about every `every_s`, until cancelled. A failing job does not affect others."""
    while True:
        # Jitter: gateways that start together should not all run in the same second.
        await asyncio.sleep(every_s * random.uniform(0.5, 1.5))  # noqa: S311
        for name, job in jobs.items():
            await _attempt(name, job)


async def _attempt(name: str, job: Job) -> None:
    try:
        await job(now_ms())
    except QuizrunError as error:
        _log.info("maintenance.skipped", reason=name, error=error)
    except Exception:  # noqa: BLE001  (the others must still run)
        _log.exception("maintenance.failed", reason=name)
