"""Periodic maintenance. Any gateway may do it, and several at once do no harm."""

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

EVERY_S = 600.0

Chore = Callable[[int], Awaitable[None]]
"""Takes the time in epoch milliseconds."""

_log = structlog.get_logger()


def chores(
    keys: IdempotencyKeys, expired: ExpiredRows, retention: Retention, accounts: AccountDeletion
) -> dict[str, Chore]:
    """What a gateway does now and then, by name."""

    async def apply_retention(now: int) -> None:
        done = await retention.apply(now)
        if done.anonymised or done.deleted:
            _log.info("retention.applied", anonymised=done.anonymised, deleted=done.deleted)

    async def delete_accounts(now: int) -> None:
        if gone := await accounts.carry_out(now):
            _log.info("accounts.deleted", deleted=gone)

    return {
        "idempotency_keys": keys.purge,
        "expired_rows": expired.purge,
        "retention": apply_retention,
        "accounts": delete_accounts,
    }


async def run_chores(wanted: Mapping[str, Chore], *, every_s: float = EVERY_S) -> None:
    """Do each chore about every `every_s`, until cancelled. One that fails holds up no other."""
    while True:
        # Gateways that start together need not all do it in the same second.
        await asyncio.sleep(every_s * random.uniform(0.5, 1.5))  # noqa: S311
        for name, chore in wanted.items():
            await _attempt(name, chore)


async def _attempt(name: str, chore: Chore) -> None:
    try:
        await chore(now_ms())
    except QuizrunError as error:
        _log.info("maintenance.skipped", reason=name, error=error)
    except Exception:  # noqa: BLE001  (the others must still run)
        _log.exception("maintenance.failed", reason=name)
