"""Loading, with retries, what clients wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from quiz.errors import QuizrunError

T = TypeVar("T")

RETRIES_S = (0.1, 0.3, 1.0)
TIMEOUT_S = 4.0
"""How long players wait for a reveal because their own parts cannot be loaded."""

log = structlog.get_logger(__name__)


async def retried(load: Callable[[], Awaitable[T]]) -> T | None:
    """Call `load`, again if it fails, for up to `TIMEOUT_S`. Returns None if it never succeeds."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            for wait_s in (*RETRIES_S, None):
                try:
                    return await load()
                except (QuizrunError, OSError) as error:
                    log.warning("room.personal_part_not_loaded", error=error)
                if wait_s is not None:
                    await asyncio.sleep(wait_s)
    except TimeoutError:
        log.warning("room.personal_part_not_loaded", reason="timeout")
    return None
