"""Calm periods: no fault active and every process healthy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from deploy.local.probe import responds
from tests.chaos.wire import now_ms

_POLL_S = 0.2
_PROBE_TIMEOUT_S = 1.0


class Calm:
    """Polls `health_urls`; `disturbed` returns whether a fault is active."""

    def __init__(self, health_urls: Iterable[str], disturbed: Callable[[], bool]) -> None:
        self.periods: list[tuple[float, float]] = []
        """Start and end of each (epoch ms)."""
        self._urls = list(health_urls)
        self._disturbed = disturbed
        self._since: float | None = None

    async def watch(self) -> None:
        """Poll until cancelled."""
        while True:
            began = now_ms()
            ready = await asyncio.gather(
                *(responds(url, timeout_s=_PROBE_TIMEOUT_S) for url in self._urls)
            )
            if self._disturbed() or not all(ready):
                self._since = None
            elif self._since is None:
                self._since = now_ms()
                self.periods.append((self._since, self._since))
            else:
                self.periods[-1] = (self._since, began)
            await asyncio.sleep(_POLL_S)

    async def wait(self, timeout_s: float) -> None:
        """Wait for a calm period to begin. Raises `TimeoutError`."""
        async with asyncio.timeout(timeout_s):
            while self._since is None:  # noqa: ASYNC110 - it may end at any moment
                await asyncio.sleep(_POLL_S)

    def longest(self, waits: Iterable[tuple[float, float]]) -> float:
        """The longest overlap of one of `waits` (epoch ms) with one calm period, in seconds."""
        return max(
            (
                (min(end, until) - max(start, since)) / 1000
                for start, end in waits
                for since, until in self.periods
                if min(end, until) > max(start, since)
            ),
            default=0.0,
        )
