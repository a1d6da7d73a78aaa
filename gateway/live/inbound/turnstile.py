"""Admission of clients at a bounded rate: thousands who reconnect after a gateway died take nothing
from those who are playing.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from gateway.live.metrics import LiveMetrics
from quiz.errors import ErrorCode, QuizrunError

BURST_S = 0.2
"""How much unused admission time a quiet gateway saves up."""
HOLD_S = 5.0
"""How long a client waits in line at most; default clients wait longer for a connection."""
LATEST_S = 30.0
"""The longest delay for clients for whom there is no place in line."""


class Turnstile:
    """A line of bounded length. A client that finds it full is told when to reconnect, each at
    another time, at the rate of admission.
    """

    def __init__(
        self,
        per_s: float,
        metrics: LiveMetrics,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gap_s = 1 / per_s
        self._metrics = metrics
        self._clock = clock
        self._sleep = sleep
        self._next_at = float("-inf")
        """When the next client in line is admitted (monotonic)."""
        self._called_at = float("-inf")
        """When the last client turned away reconnects (monotonic)."""

    async def enter(self) -> None:
        """Wait in line. Raises `unavailable` with `retry_in_ms` when that would take too long."""
        now = self._clock()
        turn_at = max(self._next_at, now - BURST_S)
        if turn_at - now > HOLD_S:
            raise self._later(now)
        self._next_at = turn_at + self._gap_s
        if turn_at > now:
            await self._sleep(turn_at - now)

    def wait_s(self) -> float:
        """Return how long a client that comes now would wait in line."""
        return min(max(0.0, self._next_at - self._clock()), HOLD_S)

    def spread_ms(self, clients: int) -> list[int]:
        """Return when each of so many clients shall reconnect, in ms and in random order: at the
        rate at which a gateway like this admits them.
        """
        longest_s = min(clients * self._gap_s, LATEST_S)
        times = [round(1000 * longest_s * place / clients) for place in range(clients)]
        random.shuffle(times)
        return times

    def _later(self, now: float) -> QuizrunError:
        self._metrics.turned_away.inc()
        self._called_at = max(self._called_at, now + HOLD_S / 2) + self._gap_s
        if self._called_at - now > LATEST_S:  # begin anew
            self._called_at = now + HOLD_S / 2
        message = "Too many players are coming at the same moment; try again soon."
        retry_in_ms = round(1000 * (self._called_at - now))
        return QuizrunError(ErrorCode.UNAVAILABLE, message, retry_in_ms=retry_in_ms)
