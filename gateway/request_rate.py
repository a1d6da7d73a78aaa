"""How many API requests an account may send a minute."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from quiz.errors import ErrorCode, QuizrunError
from quiz.quotas import UNLIMITED

WINDOW_S = 60


class RequestRate:
    """Counts the requests of each account at this gateway, in fixed windows.

    In memory: a shared counter would cost every request a round trip, and the limit is far above
    what people and their scripts need.
    """

    def __init__(
        self, most: int, refused: Counter[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`refused` counts refusals as `requests`."""
        self._most = most
        self._refused = refused
        self._clock = clock
        self._window = -1
        self._seen: Counter[str] = Counter()

    def check(self, account_id: str) -> None:
        """Count a request. Raises `too_many_requests`."""
        if self._most == UNLIMITED:
            return
        now = self._clock()
        window = int(now // WINDOW_S)
        if window != self._window:
            self._window = window
            self._seen.clear()
        self._seen[account_id] += 1
        if self._seen[account_id] > self._most:
            self._refused["requests"] += 1
            wait_s = WINDOW_S - int(now % WINDOW_S)
            raise QuizrunError(
                ErrorCode.TOO_MANY_REQUESTS,
                f"An account can send {self._most:,} requests a minute. Try again in {wait_s} s.",
                retry_in_ms=wait_s * 1000,
            )
