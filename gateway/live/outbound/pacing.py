"""Limits on how often something happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)


TELL_EVERY_S = 0.25
TELL_EVERY_MOST_S = 2.0
MESSAGES_PER_S = 4_000


def pace_s(sockets: int) -> float:
    """Return the least time between coalesced messages on a gateway with this many sockets.

    4 a second on a quiet gateway and fewer on a busy one, whatever the number of rooms: else
    telling everyone how many have answered would cost more than the answers.
    """
    return min(max(TELL_EVERY_S, sockets / MESSAGES_PER_S), TELL_EVERY_MOST_S)


class Coalescer:
    """Runs `action` soon after a `poke`, at least `interval_s()` after the last time.

    However many pokes come while it waits or runs, it runs once after them. A failure is logged
    and takes nothing with it.
    """

    def __init__(
        self, interval_s: Callable[[], float], action: Callable[[], Awaitable[None]]
    ) -> None:
        self._interval_s = interval_s
        self._action = action
        self._wanted = False
        self._ran_at = float("-inf")
        self._task: asyncio.Task[None] | None = None

    def poke(self) -> None:
        """Request a run."""
        self._wanted = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def cancel(self) -> None:
        """Cancel the request."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while self._wanted:
            wait_s = self._ran_at + self._interval_s() - time.monotonic()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            self._wanted = False
            self._ran_at = time.monotonic()
            try:
                await self._action()
            except Exception:
                log.exception("room.coalesced_action_failed")
