"""The end of background tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import structlog

END_TIMEOUT_S = 5.0
"""A cancelled database statement takes a second when its server does not respond."""

log = structlog.get_logger(__name__)


async def end(tasks: Collection[asyncio.Task[None]], timeout_s: float = END_TIMEOUT_S) -> None:
    """Cancel tasks and wait until they have ended, whatever they raise. Those that have not within
    `timeout_s` have swallowed the cancellation, which is a bug: they are logged and left behind.
    """
    if not tasks:
        return
    for task in tasks:
        task.cancel()
    ended, running = await asyncio.wait(tasks, timeout=timeout_s)
    await asyncio.gather(*ended, return_exceptions=True)  # or asyncio logs what they raised
    for task in running:
        log.error("task.survived_cancellation", task=task.get_name(), after_s=timeout_s)
