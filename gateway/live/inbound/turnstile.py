"""Letting clients in at a bounded rate: thousands who come at the same moment, after a gateway has
gone, take nothing from those who are playing.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from gateway.live.metrics import LiveMetrics
from quiz.errors import ErrorCode, QuizrunError

BURST_S = 0.2
"""How long a quiet gateway saves up what it would have let in."""
HOLD_S = 5.0
"""How long somebody waits in line at most; stock clients wait longer for a connection."""
LATEST_S = 30.0
"""The latest time at which those are told to come again for whom there is no place in line."""


class Turnstile:
    """A line of bounded length. Who finds it full is told when to come again, each at another time,
    at the rate at which clients are let in.
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
        """When the next one in line is let in."""
        self._called_at = float("-inf")
        """When the last of those who were turned away comes again."""

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
        """How long somebody who comes now waits in line."""
        return min(max(0.0, self._next_at - self._clock()), HOLD_S)

    def spread_ms(self, clients: int) -> list[int]:
        """When so many clients, who are sent away, shall come to a gateway like this: in how many
        ms, in random order.
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
