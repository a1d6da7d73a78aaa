"""What has to be tidied up now and then; any gateway may do it, and several at once do no harm."""

from __future__ import annotations

import asyncio
import random

import structlog

from db.account_deletion import AccountDeletion
from db.idempotency import IdempotencyKeys
from db.retention import Retention
from quiz.errors import QuizrunError
from telemetry.clock import now_ms

EVERY_S = 600.0

_log = structlog.get_logger()


async def keep_house(
    keys: IdempotencyKeys,
    retention: Retention | None = None,
    accounts: AccountDeletion | None = None,
    *,
    every_s: float = EVERY_S,
) -> None:
    """Drop outdated idempotency keys, old runs, and accounts that their owners have given up, about
    every `every_s`, until cancelled.
    """
    while True:
        # Gateways that start together need not all do it in the same second.
        await asyncio.sleep(every_s * random.uniform(0.5, 1.5))  # noqa: S311
        try:
            await keys.purge(now_ms())
            if retention is not None:
                done = await retention.apply(now_ms())
                if done.anonymised or done.deleted:
                    _log.info("retention.applied", anonymised=done.anonymised, deleted=done.deleted)
            if accounts is not None and (gone := await accounts.carry_out(now_ms())):
                _log.info("accounts.deleted", deleted=gone)
        except QuizrunError as error:
            _log.info("housekeeping.skipped", error=error)
        except Exception:  # noqa: BLE001  (tidying must not end)
            _log.exception("housekeeping.failed")
